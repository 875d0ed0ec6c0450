package io.featurekv.node.resp;

import io.featurekv.model.FeatureKvException;
import io.featurekv.node.server.ReplyChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a client of Redis. Confined to its event loop.
 *
 * <p>Commands are executed one after the other, and replies go out in their order: while a read is
 * under way elsewhere, or the client does not take its replies, no further command is begun and
 * nothing is read from the connection. GETs of one table that came together are looked up together.
 *
 * <p>Invariants: {@code received} is what came and was not worked through. {@code source} is that,
 * or the commands of the transaction that is being executed. {@code command} is the command whose
 * keys are being read, not all of which may be in {@code run} yet.
 */
final class RespConnection extends ChannelInboundHandlerAdapter implements Call {
  /** Open connections of the port. */
  static final int MAX_CONNECTIONS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(RespConnection.class);
  private static final byte[] GET = "get".getBytes(StandardCharsets.US_ASCII);
  private static final int GET_ARGUMENTS = 2;
  private static final int MAX_ECHOED_CHARACTERS = 128;

  private final RespShared shared;
  private final Runnable onClose;
  private final Session session;
  private final KeyChoice choice;
  private final ValuesShape gets;
  private final CommandSource received = new CommandSource();
  private CommandSource source = received;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ReplyChannel replies;
  private @Nullable ReadRun run;
  private @Nullable KeyedCommand command;
  private @Nullable Transaction transaction;
  private boolean isWorking;
  private boolean isClosed;
  private long heldBytes;
  private long arrivalNanos;
  private int commandsExecuted;

  /** {@code onClose} is called once, when the connection is gone. */
  RespConnection(RespShared shared, Runnable onClose) {
    this.shared = shared;
    this.onClose = onClose;
    this.session = shared.newSession();
    this.choice = new KeyChoice(shared.reads(), session);
    this.gets = new ValuesShape(session, shared.counts()).replies();
    trust();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    ReplyChannel channel = new ReplyChannel(added.channel(), shared.admission());
    replies = channel;
    run = new ReadRun(shared.reads(), channel, added.executor(), gets, this::goOn);
  }

  private ReplyChannel replies() {
    return present(replies);
  }

  private static <T> T present(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("bytes before the handler was added");
    }
    return part;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    shared.counts().connections.increment();
    active.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext active, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      active.fireChannelRead(message);
      return;
    }
    if (isClosed) {
      bytes.release();
      return;
    }
    if (!received.bytes().isReadable() && bytes.hasMemoryAddress()) {
      received.use(bytes);
    } else {
      keepBehind(active, bytes);
    }
    arrivalNanos = System.nanoTime();
    work();
  }

  private void keepBehind(ChannelHandlerContext active, ByteBuf bytes) {
    ByteBuf kept = received.bytes();
    try {
      if (kept.isReadable() && kept.maxWritableBytes() >= bytes.readableBytes()) {
        kept.writeBytes(bytes);
      } else {
        int size = kept.readableBytes() + bytes.readableBytes();
        received.use(active.alloc().directBuffer(size).writeBytes(kept).writeBytes(bytes));
        kept.release();
      }
    } finally {
      bytes.release();
    }
  }

  /** Goes on where it had to stop. */
  private void goOn() {
    if (!isClosed) {
      work();
      replies().flush();
    }
  }

  private void work() {
    ChannelHandlerContext active = present(context);
    if (isWorking) {
      return;
    }
    isWorking = true;
    try {
      boolean goesOn = true;
      while (goesOn && canGoOn(active)) {
        goesOn = step();
      }
    } catch (RespProtocolException e) {
      shared.counts().errors.increment();
      send(reply().error("ERR " + e.text()));
      closeAfterReply();
    } catch (RuntimeException e) {
      LOG.error("a command failed", e);
      send(reply().error(ReplyBuilder.errorText(FeatureKvException.from(e))));
      closeAfterReply();
    } finally {
      isWorking = false;
      if (commandsExecuted > 0) {
        shared.counts().commands.add(commandsExecuted);
        commandsExecuted = 0;
      }
      keep(active);
    }
  }

  private boolean canGoOn(ChannelHandlerContext active) {
    return !isClosed && !present(run).isWaiting() && active.channel().isWritable();
  }

  /** Does the next thing there is to do; false when there is nothing. */
  private boolean step() {
    ReadRun present = present(run);
    if (present.isBegun()) {
      goOnReading(present);
      return true;
    }
    if (command != null) {
      goOnCommand(present, command);
      return true;
    }
    if (source.parse() && mayBeGet() && takeGet(present)) {
      return true;
    }
    if (!present.isEmpty()) {
      present.begin();
      return true;
    }
    source.free();
    if (source.hasCommand()) {
      execute();
      return true;
    }
    if (source != received) {
      endTransaction();
      return true;
    }
    return false;
  }

  private void goOnReading(ReadRun present) {
    if (present.hasMore()) {
      present.ask(source, choice, arrivalNanos);
      return;
    }
    present.clear();
    if (command == null) {
      source.free();
    }
  }

  private boolean mayBeGet() {
    return source.count() == GET_ARGUMENTS
        && source.isNamed(GET)
        && session.isAuthenticated()
        && (transaction == null || source != received);
  }

  /** Adds the key of a GET to the run, if it belongs there. */
  private boolean takeGet(ReadRun present) {
    long address = source.address(1);
    int length = source.length(1);
    if (present.isEmpty()) {
      look();
      if (!choice.choose(address, length)) {
        return false;
      }
    } else if (!choice.isOfSameTable(address, length)) {
      return false;
    }
    present.add(source.offset(1) + choice.prefixBytes(), length - choice.prefixBytes());
    source.done();
    commandsExecuted++;
    if (present.isFull()) {
      present.begin();
    }
    return true;
  }

  /** What is read next is of now, or of the moment of EXEC. */
  private void look() {
    if (source == received) {
      choice.look();
    }
  }

  private void execute() {
    commandsExecuted++;
    if (source.count() > 0) {
      dispatch(source.text(0).toLowerCase(Locale.ROOT));
    }
    if (command == null) {
      source.done();
    }
  }

  private void dispatch(String name) {
    Command known = shared.commands().get(name);
    if (known == null) {
      refuseUnknown(name);
    } else if (!known.takes(source.count())) {
      refuse("ERR wrong number of arguments for '" + name + "' command");
    } else if (!session.isAuthenticated() && !known.is(Command.NO_AUTH)) {
      refuse("NOAUTH Authentication required.");
    } else if (transaction != null && source == received && !known.is(Command.NO_MULTI)) {
      queue(transaction);
    } else {
      known.handler().accept(this);
    }
  }

  private void refuseUnknown(String name) {
    if (name.equals("post") || name.equals("host:")) {
      // A browser that was made to send what somebody else wrote.
      close();
    } else if (WriteCommands.NAMES.contains(name)) {
      refuse("READONLY You can't write against a read only replica.");
    } else {
      StringBuilder text = new StringBuilder("ERR unknown command '");
      text.append(shortened(source.text(0))).append("', with args beginning with: ");
      for (int i = 1; i < source.count() && text.length() < 2 * MAX_ECHOED_CHARACTERS; i++) {
        text.append('\'').append(shortened(source.text(i))).append("' ");
      }
      refuse(text.toString());
    }
  }

  private static String shortened(String text) {
    return text.length() <= MAX_ECHOED_CHARACTERS ? text : text.substring(0, MAX_ECHOED_CHARACTERS);
  }

  /** An error that also spoils the transaction. */
  private void refuse(String error) {
    if (transaction != null && source == received) {
      transaction.soil();
    }
    fail(error);
  }

  private void queue(Transaction open) {
    if (open.add(source)) {
      send(reply().simple("QUEUED"));
    } else {
      refuse(
          "ERR a transaction has at most "
              + Transaction.MAX_COMMANDS
              + " commands and "
              + Transaction.MAX_BYTES
              + " bytes");
    }
  }

  /** A command whose keys are being read: the arguments from {@code next} on are still to come. */
  private static final class KeyedCommand {
    final AnswerShape shape;
    final int end;
    int next;

    KeyedCommand(AnswerShape shape, int next, int end) {
      this.shape = shape;
      this.next = next;
      this.end = end;
    }
  }

  @Override
  public void read(int firstKey, int keyCount, AnswerShape shape) {
    look();
    // Before anything is said: a key that cannot be is an error of the whole command.
    for (int argument = firstKey; argument < firstKey + keyCount; argument++) {
      if (!choice.choose(source.address(argument), source.length(argument))) {
        fail(choice.error());
        return;
      }
    }
    command = new KeyedCommand(shape, firstKey, firstKey + keyCount);
  }

  /** Reads the next keys of one table, or ends the command. */
  private void goOnCommand(ReadRun present, KeyedCommand keyed) {
    if (keyed.next == keyed.end || keyed.shape.isOver()) {
      if (!keyed.shape.isOver()) {
        keyed.shape.finish(replies());
      }
      command = null;
      source.done();
      source.free();
      return;
    }
    boolean isFirst = true;
    while (keyed.next < keyed.end && !present.isFull()) {
      long address = source.address(keyed.next);
      int length = source.length(keyed.next);
      boolean isSame =
          isFirst ? choice.choose(address, length) : choice.isOfSameTable(address, length);
      if (!isSame) {
        break;
      }
      present.add(source.offset(keyed.next) + choice.prefixBytes(), length - choice.prefixBytes());
      keyed.next++;
      isFirst = false;
    }
    present.begin(keyed.shape);
  }

  @Override
  public int count() {
    return source.count();
  }

  @Override
  public byte[] bytes(int argument) {
    return NativeBytes.copyOf(source.address(argument), source.length(argument));
  }

  @Override
  public String text(int argument) {
    return source.text(argument);
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public RespShared shared() {
    return shared;
  }

  @Override
  public ReplyBuilder reply() {
    return new ReplyBuilder(session);
  }

  @Override
  public void send(ReplyBuilder reply) {
    reply.sendTo(replies());
  }

  @Override
  public void fail(String error) {
    shared.counts().errors.increment();
    send(reply().error(error));
  }

  @Override
  public void beginTransaction() {
    if (transaction != null) {
      fail("ERR MULTI calls can not be nested");
      return;
    }
    transaction = new Transaction(present(context).alloc());
    ok();
  }

  @Override
  public void executeTransaction() {
    Transaction open = transaction;
    if (open == null || source != received) {
      fail("ERR EXEC without MULTI");
      return;
    }
    if (open.isDirty()) {
      discardTransaction();
      fail("EXECABORT Transaction discarded because of previous errors.");
      return;
    }
    choice.look();
    send(reply().array(open.count()));
    received.done();
    received.free();
    CommandSource queued = new CommandSource();
    queued.parser().trust(true);
    queued.use(open.commands());
    source = queued;
  }

  private void endTransaction() {
    source.release();
    source = received;
    discardTransaction();
  }

  @Override
  public boolean discardTransaction() {
    Transaction open = transaction;
    if (open == null) {
      return false;
    }
    open.release();
    transaction = null;
    return true;
  }

  @Override
  public void trust() {
    received.parser().trust(session.isAuthenticated());
  }

  @Override
  public String describe() {
    var channel = present(context).channel();
    return session.describe(
        String.valueOf(channel.remoteAddress()).replaceFirst("^/", ""),
        String.valueOf(channel.localAddress()).replaceFirst("^/", ""),
        transaction != null);
  }

  @Override
  public void closeAfterReply() {
    isClosed = true;
    replies().flush();
    present(context).writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void close() {
    isClosed = true;
    present(context).close();
  }

  /** Keeps what was not worked through, and reads on only if there is nobody to wait for. */
  private void keep(ChannelHandlerContext active) {
    ByteBuf rest = received.bytes();
    if (isClosed || active.isRemoved()) {
      release();
    } else if (!rest.isReadable()) {
      received.use(Unpooled.EMPTY_BUFFER);
      rest.release();
    } else if (rest.readerIndex() > 0) {
      received.use(active.alloc().directBuffer(rest.readableBytes()).writeBytes(rest));
      rest.release();
    }
    hold(received.bytes().capacity() + (transaction == null ? 0 : transaction.sizeBytes()));
    readIfWanted(active);
  }

  /** Counts what is kept, of the transaction too, among the bytes of reads in flight. */
  private void hold(long bytes) {
    if (bytes != heldBytes) {
      replies().hold(bytes - heldBytes);
      heldBytes = bytes;
    }
  }

  private void readIfWanted(ChannelHandlerContext active) {
    boolean isWanted = canGoOn(active);
    if (active.channel().config().isAutoRead() != isWanted) {
      active.channel().config().setAutoRead(isWanted);
    }
    if (present(run).isWaiting()) {
      // What was said before goes out while the rest is being read.
      replies().flush();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext active) {
    replies().flush();
    active.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext active) {
    active.fireChannelWritabilityChanged();
    if (!isClosed) {
      // Not here: this may be called from within a reply that is being sent.
      active.executor().execute(this::goOn);
    }
  }

  private void release() {
    if (source != received) {
      source.release();
      source = received;
    }
    received.release();
    discardTransaction();
    command = null;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    isClosed = true;
    release();
    hold(0);
    replies().discard();
    onClose.run();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
    LOG.debug("connection of {} failed: {}", failed.channel().remoteAddress(), cause.toString());
    failed.close();
  }
}
