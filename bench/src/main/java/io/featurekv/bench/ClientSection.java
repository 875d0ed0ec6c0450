package io.featurekv.bench;

import io.featurekv.bench.report.Table;
import io.featurekv.bench.server.FeatureKvServer;
import io.featurekv.bench.server.Server;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What FeatureKV's own Java client takes, by {@code featurekv bench read}. */
final class ClientSection {
  private static final List<String> RATES = List.of("max", "100k");

  private final ServerLab lab;

  ClientSection(ServerLab lab) {
    this.lab = lab;
  }

  Table run() throws IOException {
    Table table =
        new Table(
            "FeatureKV's Java client, batches of " + lab.options().batch() + ", uniform",
            List.of(
                new Table.Column("client CPU s/Mkeys", 4),
                new Table.Column("of it keys", 4),
                new Table.Column("server CPU s/Mkeys", 4),
                new Table.Column("Mkeys/s", 3),
                new Table.Column("p50 us", 0),
                new Table.Column("p99 us", 0)));
    for (Server server : lab.servers()) {
      if (server instanceof FeatureKvServer own) {
        for (String rate : RATES) {
          lab.say("the Java client, rate " + rate);
          table.add(own.name() + ", " + rate + " keys/s", read(own, rate));
        }
      }
    }
    table.note("featurekv bench read --connections " + lab.options().connections());
    table.note("of it keys: the threads that draw keys and hand batches to the client.");
    return table;
  }

  private List<Double> read(FeatureKvServer server, String rate) throws IOException {
    String output =
        server.command(
            "bench",
            "read",
            "--table",
            server.table(),
            "--entries",
            Integer.toString(lab.options().entries()),
            "--batch",
            Integer.toString(lab.options().batch()),
            "--connections",
            Integer.toString(lab.options().connections()),
            "--rate",
            rate,
            "--warmup",
            lab.options().warmupMillis() + "ms",
            "--duration",
            lab.options().turnMillis() * 2 + "ms",
            // A busy machine must not end the run.
            "--timeout",
            "30s",
            "-o",
            "json");
    // Progress comes before it.
    String json = output.substring(Math.max(0, output.indexOf("{\"batches\"")));
    return List.of(
        figure(json, "clientCpuSecondsPerMillionKeys"),
        figure(json, "generatorCpuSecondsPerMillionKeys"),
        figure(json, "serverCpuSecondsPerMillionKeys"),
        figure(json, "keysPerSecond") / 1e6,
        figure(json, "p50"),
        figure(json, "p99"));
  }

  private static double figure(String json, String name) {
    Matcher figure = Pattern.compile("\"" + name + "\":(-?[0-9.]+)").matcher(json);
    return figure.find() ? Double.parseDouble(figure.group(1)) : Double.NaN;
  }
}
