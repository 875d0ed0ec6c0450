package io.featurekv.node.resp;

import java.util.Set;

/** The commands of Redis that write; here they are refused, and not unknown. */
final class WriteCommands {
  static final Set<String> NAMES =
      Set.of(
          ("append bitfield bitop blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin copy"
                  + " decr decrby del expire expireat flushall flushdb function geoadd georadius"
                  + " georadiusbymember geosearchstore getdel getex getset hdel hexpire hexpireat"
                  + " hincrby hincrbyfloat hmset hpersist hpexpire hpexpireat hset hsetnx incr incrby"
                  + " incrbyfloat linsert lmove lmpop lpop lpush lpushx lrem lset ltrim migrate move"
                  + " mset msetnx persist pexpire pexpireat pfadd pfmerge psetex rename renamenx"
                  + " restore rpop rpoplpush rpush rpushx sadd sdiffstore set setbit setex setnx"
                  + " setrange sinterstore smove sort spop srem sunionstore swapdb unlink xack xadd"
                  + " xautoclaim xclaim xdel xgroup xreadgroup xsetid xtrim zadd zdiffstore zincrby"
                  + " zinterstore zmpop zpopmax zpopmin zrangestore zrem zremrangebylex"
                  + " zremrangebyrank zremrangebyscore zunionstore")
              .split(" "));

  private WriteCommands() {}
}
