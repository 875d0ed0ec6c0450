package io.featurekv.cli;

import io.featurekv.cli.session.Session;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands: those whose constructor takes a {@link Session} get it. */
final class CommandFactory implements IFactory {
  private final Session session;

  CommandFactory(Session session) {
    this.session = session;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (constructor.getParameterCount() == 1
          && constructor.getParameterTypes()[0] == Session.class) {
        constructor.setAccessible(true);
        try {
          return type.cast(constructor.newInstance(session));
        } catch (InvocationTargetException e) {
          throw new IllegalStateException("cannot make " + type, e.getCause());
        }
      }
    }
    return CommandLine.defaultFactory().create(type);
  }
}
