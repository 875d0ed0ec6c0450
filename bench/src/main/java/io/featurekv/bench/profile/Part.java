package io.featurekv.bench.profile;

/** A part of the way from files to a served version that CPU time goes into. */
public enum Part {
  PARSE("parse, decode Parquet"),
  MAP("map rows to entries"),
  BUFFER("lay entries side by side"),
  SORT("sort"),
  WRITE_RUNS("write runs"),
  MERGE("read and merge runs"),
  LAY_OUT("lay out data and index"),
  COMPRESS("compress blocks"),
  WRITE_FILES("write shard files"),
  READ_BACK("read back"),
  DIGEST("checksums, digests, hashes"),
  SHIP("ship, take pieces"),
  OPEN("open tables"),
  READ("answer reads"),
  CONTROL("metadata, control"),
  GC("collect garbage"),
  JIT("compile code"),
  OTHER("other"),
  MISSED("missed by the sampler");

  private final String title;

  Part(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }
}
