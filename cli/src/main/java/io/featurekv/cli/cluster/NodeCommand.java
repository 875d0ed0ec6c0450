package io.featurekv.cli.cluster;

import io.featurekv.cli.session.CommandGroup;
import io.featurekv.cli.session.Examples;
import picocli.CommandLine.Command;

/** {@code featurekv node}. */
@Command(
    name = "node",
    header = "Shows the nodes of the cluster.",
    subcommands = NodeListCommand.class)
@Examples("featurekv node list")
public final class NodeCommand extends CommandGroup {}
