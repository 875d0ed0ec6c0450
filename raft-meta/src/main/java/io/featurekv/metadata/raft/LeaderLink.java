package io.featurekv.metadata.raft;

import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.JavaUtils;
import org.jspecify.annotations.Nullable;

/**
 * Brings requests to the leader that the local server knows of: directly when it leads itself, else
 * over the transport, with the same call id again and again until there is an answer or the time is
 * up. Repeating is safe: Ratis remembers call ids for a minute, and the metadata remembers
 * operation ids.
 *
 * <p>It matters for the caller whether a request without an answer may have been taken. It may have
 * been as soon as one try ended in any other way than a refusal that comes before the log, or a
 * connection that was not made. A NotLeaderException is no such refusal: a leader that loses its
 * office answers so for requests that are in its log and may yet be committed.
 */
final class LeaderLink implements AutoCloseable {
  private static final long PAUSE_MILLIS = 50;

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final RaftProperties properties;
  private final RaftTransport transport;
  private final ScheduledExecutorService scheduler;
  private final Supplier<@Nullable String> failure;
  private final ClientId clientId = ClientId.randomId();

  /** Requests without an answer, so that closing can end them. */
  private final Set<Request> open = ConcurrentHashMap.newKeySet();

  private final Map<RaftPeerId, String> addresses = new HashMap<>();

  /** Closed without the lock: Ratis waits in closing for threads that tell of requests. */
  private volatile @Nullable RaftClientRpc rpc;

  private volatile boolean closed;

  LeaderLink(
      RaftServer server,
      RaftGroupId groupId,
      RaftProperties properties,
      RaftTransport transport,
      ScheduledExecutorService scheduler,
      Supplier<@Nullable String> failure) {
    this.server = server;
    this.groupId = groupId;
    this.properties = properties;
    this.transport = transport;
    this.scheduler = scheduler;
    this.failure = failure;
  }

  /** Sends a command; see {@link MetadataVoter#propose}. */
  CompletableFuture<CommandResult> write(byte[] command, long timeoutMillis) {
    Request request = new Request(RaftClientRequest.writeRequestType(), command, timeoutMillis);
    start(request);
    return request.reply.thenApply(
        reply -> MetadataCodec.decodeResult(reply.getMessage().getContent().toByteArray()));
  }

  /** Completes once this server has applied all that was committed when the call began. */
  CompletableFuture<RaftClientReply> read(long timeoutMillis) {
    Request request = new Request(RaftClientRequest.readRequestType(), new byte[0], timeoutMillis);
    start(request);
    return request.reply;
  }

  private void start(Request request) {
    open.add(request);
    CompletableFuture<RaftClientReply> _ =
        request.reply.whenComplete((reply, error) -> open.remove(request));
    request.tryOnce();
  }

  /** One request with all its tries, which follow one another. */
  private final class Request {
    private final long callId = CallId.getAndIncrement();
    private final RaftClientRequest.Type type;
    private final Message message;
    private final long startNanos = System.nanoTime();
    private final long timeoutNanos;
    private final CompletableFuture<RaftClientReply> reply = new CompletableFuture<>();
    private volatile boolean mayHaveBeenTaken;
    private volatile boolean isUnderWay;
    private volatile String lastProblem = "no leader is known";

    Request(RaftClientRequest.Type type, byte[] content, long timeoutMillis) {
      this.type = type;
      this.message = Message.valueOf(ByteString.copyFrom(content));
      this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    }

    void tryOnce() {
      try {
        String failed = failure.get();
        long leftNanos = leftNanos();
        if (failed != null) {
          lastProblem = "the Raft server of this node is down: " + failed;
          giveUp();
        } else if (closed || leftNanos <= 0) {
          giveUp();
        } else {
          send(leftNanos);
        }
      } catch (IOException | RuntimeException e) {
        mayHaveBeenTaken = true;
        isUnderWay = false;
        retry(e);
      }
    }

    private long leftNanos() {
      return timeoutNanos - (System.nanoTime() - startNanos);
    }

    private void send(long leftNanos) throws IOException {
      boolean local = isRead();
      RaftPeerId target =
          local ? server.getId() : server.getDivision(groupId).getInfo().getLeaderId();
      if (target == null) {
        lastProblem = "no leader is known";
        pause();
        return;
      }
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(clientId)
              .setServerId(target)
              .setGroupId(groupId)
              .setCallId(callId)
              .setMessage(message)
              .setType(type)
              .build();
      long tryNanos = Math.min(leftNanos, RaftSettings.TRY_TIMEOUT.toNanos());
      isUnderWay = true;
      CompletableFuture<RaftClientReply> sent =
          target.equals(server.getId())
              ? server.submitClientRequestAsync(request)
              : remote().sendRequestAsyncUnordered(request);
      CompletableFuture<RaftClientReply> _ =
          sent.copy()
              .orTimeout(tryNanos, TimeUnit.NANOSECONDS)
              .whenComplete((answer, error) -> onAnswer(target, answer, error));
    }

    private boolean isRead() {
      return type.equals(RaftClientRequest.readRequestType());
    }

    private void onAnswer(
        RaftPeerId target, @Nullable RaftClientReply answer, @Nullable Throwable error) {
      Throwable problem =
          error != null
              ? JavaUtils.unwrapCompletionException(error)
              : answer == null ? null : answer.getException();
      if (problem == null && answer != null && answer.isSuccess()) {
        reply.complete(answer);
      } else if (problem instanceof StateMachineException) {
        reply.completeExceptionally(refusal(problem));
      } else {
        Throwable known = problem == null ? new IOException("no reply from " + target) : problem;
        mayHaveBeenTaken |= !isKnownNotToBeTaken(known);
        isUnderWay = false;
        if (error != null && !target.equals(server.getId())) {
          reconnect(target, known);
        }
        retry(known);
      }
    }

    private void retry(Throwable problem) {
      lastProblem = problem.getClass().getSimpleName() + ": " + problem.getMessage();
      pause();
    }

    private void pause() {
      long pauseNanos = Math.clamp(leftNanos(), 0, TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
      try {
        ScheduledFuture<?> _ = scheduler.schedule(this::tryOnce, pauseNanos, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        // The voter is being closed.
        giveUp();
      }
    }

    private void giveUp() {
      boolean unknown = (mayHaveBeenTaken || isUnderWay) && !isRead();
      reply.completeExceptionally(
          unknown
              ? new FeatureKvException(
                  ErrorCode.UNKNOWN_OUTCOME,
                  "the metadata command may or may not have taken effect, there was no answer within "
                      + waited()
                      + " ("
                      + lastProblem
                      + ")")
              : new FeatureKvException(
                  ErrorCode.TRY_AGAIN,
                  "no metadata leader answered within " + waited() + " (" + lastProblem + ")"));
    }

    private String waited() {
      return Duration.ofNanos(timeoutNanos).toMillis() + " ms";
    }
  }

  private static FeatureKvException refusal(Throwable problem) {
    Throwable cause = problem.getCause();
    ErrorCode code =
        cause instanceof FeatureKvException known ? known.code() : ErrorCode.INVALID_ARGUMENT;
    return new FeatureKvException(
        code, "the metadata leader refused the command: " + problem.getMessage(), problem);
  }

  private static boolean isKnownNotToBeTaken(Throwable problem) {
    if (problem instanceof LeaderNotReadyException
        || problem instanceof LeaderSteppingDownException
        || problem instanceof ServerNotReadyException
        || problem instanceof ResourceUnavailableException) {
      return true;
    }
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException) {
        return true;
      }
    }
    return false;
  }

  /**
   * The connections to the other voters; made anew when one of them has another address than
   * before.
   */
  private RaftClientRpc remote() throws IOException {
    RaftClientRpc outdated;
    RaftClientRpc present;
    synchronized (this) {
      if (closed) {
        throw new IOException("this node's part in the Raft group is closed");
      }
      outdated = hasOneMoved() ? rpc : null;
      if (rpc == null || outdated != null) {
        addresses.clear();
        rpc = transport.newClientRpc(clientId, properties);
      }
      present = rpc;
      for (RaftPeer peer : peers()) {
        addresses.put(peer.getId(), peer.getAddress());
      }
      present.addRaftPeers(peers());
    }
    if (outdated != null) {
      outdated.close();
    }
    return present;
  }

  private boolean hasOneMoved() throws IOException {
    for (RaftPeer peer : peers()) {
      String before = addresses.get(peer.getId());
      if (before != null && !before.equals(peer.getAddress())) {
        return true;
      }
    }
    return false;
  }

  private Collection<RaftPeer> peers() throws IOException {
    return server.getDivision(groupId).getRaftConf().getAllPeers();
  }

  private void reconnect(RaftPeerId target, Throwable problem) {
    RaftClientRpc connections = rpc;
    if (connections != null) {
      connections.handleException(target, problem, true);
    }
  }

  @Override
  public void close() throws IOException {
    RaftClientRpc connections;
    synchronized (this) {
      closed = true;
      connections = rpc;
      rpc = null;
    }
    open.forEach(Request::giveUp);
    if (connections != null) {
      connections.close();
    }
  }
}
