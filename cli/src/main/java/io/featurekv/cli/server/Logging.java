package io.featurekv.cli.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;

/**
 * Configures Logback, which finds this class as a service: to standard error, at the level that
 * FEATUREKV_LOG names or else at warnings, with the libraries inside at warnings in any case but
 * debug and trace.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String[] CHATTY = {
    "org.apache.ratis", "io.netty", "io.grpc", "org.apache.ratis.thirdparty", "jnr", "dev.hardwood"
  };

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{0}: %msg%n");
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Level level = Level.toLevel(System.getenv("FEATUREKV_LOG"), Level.WARN);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(level);
    Level chattyLevel = Level.DEBUG.isGreaterOrEqual(level) ? level : Level.WARN;
    for (String name : CHATTY) {
      context.getLogger(name).setLevel(chattyLevel);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Where faults are part of the show: only errors, unless FEATUREKV_LOG says otherwise. */
  public static void errorsOnly() {
    if (System.getenv("FEATUREKV_LOG") == null
        && LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.ERROR);
    }
  }

  /**
   * What a server says of itself: FeatureKV's own logs at INFO unless FEATUREKV_LOG says otherwise.
   */
  public static void forServer() {
    if (System.getenv("FEATUREKV_LOG") == null
        && LoggerFactory.getLogger("io.featurekv") instanceof Logger own) {
      own.setLevel(Level.INFO);
    }
  }
}
