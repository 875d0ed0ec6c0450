#!/bin/sh
# Finds a Java of release 25 or later: FEATUREKV_JAVA_HOME, JAVA_HOME, the PATH, then /usr/lib/jvm.
# find_java_25 TOOL sets JAVA_HOME to the first one that has bin/TOOL; where none does, it says so in one line and exits 78.
java_release_of() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

find_java_25() {
  path_java=$(command -v java 2>/dev/null || true)
  path_home=
  if [ -n "$path_java" ]; then
    path_home=$(dirname "$(dirname "$(readlink -f "$path_java")")")
  fi
  for home in "${FEATUREKV_JAVA_HOME:-}" "${JAVA_HOME:-}" "$path_home" /usr/lib/jvm/*; do
    [ -n "$home" ] && [ -x "$home/bin/$1" ] || continue
    release=$(java_release_of "$home")
    if [ -n "$release" ] && [ "$release" -ge 25 ]; then
      JAVA_HOME=$home
      export JAVA_HOME
      return 0
    fi
  done
  echo "featurekv: needs a JDK 25 or later: install one (for example Temurin 25) and set FEATUREKV_JAVA_HOME or JAVA_HOME to it" >&2
  exit 78
}
