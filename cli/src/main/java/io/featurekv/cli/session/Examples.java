package io.featurekv.cli.session;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a user would type: shown first in a command's help. One line each; lines that begin with a
 * space continue it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Examples {
  /** Command lines, without a prompt. */
  String[] value();
}
