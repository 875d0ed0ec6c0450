package io.featurekv.cli.load;

import io.featurekv.loader.source.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The words of a {@code load}, as its task keeps them: quoted as a shell would have them, so that a
 * person can read them and {@code task retry} can run them again from any directory.
 */
public final class LoadWords {
  /** Options with a value that belong to one run, not to the load. */
  private static final Set<String> OF_ONE_RUN =
      Set.of("--operation-id", "--endpoint", "-o", "--output", "--timeout");

  /** The option whose value is a path that is read. */
  private static final String FILES = "--files";

  private LoadWords() {}

  /** The text of a load's arguments; inputs that are paths become absolute. */
  public static String of(List<String> arguments, List<String> inputs) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (OF_ONE_RUN.contains(name)) {
        i += equals < 0 ? 1 : 0;
        continue;
      }
      if (name.equals(FILES) && equals >= 0) {
        words.add(quoted(FILES + "=" + Inputs.absolutePath(argument.substring(equals + 1))));
      } else if (name.equals(FILES) && i + 1 < arguments.size()) {
        i++;
        words.add(FILES);
        words.add(quoted(Inputs.absolutePath(arguments.get(i))));
      } else {
        words.add(quoted(inputs.contains(argument) ? Inputs.absolute(argument) : argument));
      }
    }
    return String.join(" ", words);
  }

  private static String quoted(String word) {
    boolean isPlain = word.matches("[A-Za-z0-9_./:=,@%+?&-]+");
    return isPlain ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** The arguments of a text that {@link #of} made. */
  public static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean isQuoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\'') {
        isQuoted = !isQuoted;
      } else if (c == '\\' && !isQuoted && i + 1 < text.length()) {
        word.append(text.charAt(++i));
      } else if (c == ' ' && !isQuoted) {
        words.add(word.toString());
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    words.add(word.toString());
    return List.copyOf(words);
  }
}
