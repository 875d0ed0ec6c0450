package io.featurekv.cli.server;

import io.featurekv.node.server.IoTransport;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code --transport}: a name of a transport, or auto. */
final class TransportWord implements ITypeConverter<IoTransport> {
  @Override
  public IoTransport convert(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "auto" -> IoTransport.best();
      case "epoll" -> IoTransport.EPOLL;
      case "io_uring" -> IoTransport.IO_URING;
      case "nio" -> IoTransport.NIO;
      default ->
          throw new TypeConversionException("'" + word + "' is none of auto, epoll, io_uring, nio");
    };
  }
}
