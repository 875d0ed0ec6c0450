
# Runs the jar that follows this text, in this very file. Short commands start best with the quick compiler only and a small
# heap; what works on data for longer gets the whole virtual machine. FEATUREKV_JAVA_OPTS comes last and so wins.
find_java_25 java
command_name=
skip_value=
for argument in "$@"; do
  if [ -n "$skip_value" ]; then
    skip_value=
    continue
  fi
  case $argument in
    --endpoint|--output|-o|--timeout) skip_value=yes ;;
    -*) ;;
    bench) command_name=bench ;;
    *) command_name="$command_name $argument"; break ;;
  esac
done
# What the virtual machine noted of an earlier start, where the build has left that beside this file: it is taken over
# if it fits this file and this Java, and silently left otherwise.
cache=$0.command.aot
case ${command_name# } in
  server) cache=$0.server.aot ;;
  bench*) cache= ;;
esac
[ -r "$cache" ] || cache=
case ${command_name# } in
  server) tuning="-XX:+ExitOnOutOfMemoryError" ;;
  load|"bench load") tuning="-XX:+UseParallelGC -XX:MaxRAMPercentage=6.25" ;;
  bench*) tuning="-XX:+UseParallelGC -Xms512m -Xmx1g" ;;
  demo) tuning="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" ;;
  *) tuning="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m" ;;
esac
# Whether someone watches: asking the terminal from Java is slow.
[ -t 1 ] && tuning="$tuning -Dfeaturekv.stdout.terminal=true"
[ -t 2 ] && tuning="$tuning -Dfeaturekv.stderr.terminal=true"
# Word splitting of the options is meant; the arguments stay as they are.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" @jvm.flags@ ${cache:+"-XX:AOTCache=$cache" -Xlog:aot=off -Xlog:cds=off} $tuning ${FEATUREKV_JAVA_OPTS:-} -jar "$0" "$@"
exit 78
