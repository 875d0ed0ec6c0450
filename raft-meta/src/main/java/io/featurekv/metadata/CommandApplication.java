package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.metadata.ClusterMetadata.OperationRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What every command has in common: the operation id, the refusals, the index. The families do the
 * rest.
 */
final class CommandApplication {
  private CommandApplication() {}

  static Applied apply(ClusterMetadata state, CommandEnvelope envelope, long index) {
    ClusterMetadata before = state.withIndex(index);
    Step step = new Step(before, index, envelope.issuedAtMillis());
    if (!state.isFormed() && !(envelope.command() instanceof Command.FormCluster)) {
      return new Applied(
          before,
          CommandResult.refused(index, ErrorCode.CONFLICT, "the cluster has not been formed yet"));
    }
    if (!isRemembered(envelope.command())) {
      return decide(step, envelope.command());
    }
    long commandHash = MetadataCodec.commandHash(envelope.command());
    CommandResult answer = answerById(before, envelope, commandHash);
    if (answer != null) {
      return new Applied(before, answer);
    }
    Applied applied = decide(step, envelope.command());
    if (applied.result().error() == ErrorCode.TRY_AGAIN || !applied.metadata().isFormed()) {
      return applied;
    }
    return new Applied(
        remember(applied.metadata(), envelope, commandHash, applied.result()), applied.result());
  }

  /** See {@link OperationIds} for why some are not. */
  private static boolean isRemembered(Command command) {
    return switch (command) {
      case Command.FormCluster _,
          Command.RegisterNode _,
          Command.CreateTable _,
          Command.AlterTable _,
          Command.DropTable _,
          Command.BeginTask _,
          Command.SealVersion _,
          Command.FailTask _,
          Command.ActivateVersion _,
          Command.Rollback _,
          Command.DropVersion _,
          Command.FailVersion _,
          Command.RaiseFormat _,
          Command.WriteRegister _,
          Command.CompareAndSetRegister _ ->
          true;
      case Command.SetNodeState _,
          Command.SetVoters _,
          Command.ReportProgress _,
          Command.CheckInputs _,
          Command.LeaseWork _,
          Command.ReportWork _,
          Command.FinishSplit _,
          Command.FinishShard _,
          Command.FailWork _,
          Command.LoseWork _,
          Command.SealBuild _,
          Command.ReportHeld _,
          Command.ReportDropped _,
          Command.ReportReady _,
          Command.ReportFindings _,
          Command.ReportLoadFailure _,
          Command.RegisterMerged _,
          Command.ReportMergedHeld _,
          Command.ReportMergedDropped _,
          Command.CompleteMerge _,
          Command.AdvanceVersion _,
          Command.StartCanary _,
          Command.EndCanary _,
          Command.ReportCanary _ ->
          false;
    };
  }

  /** The answer that the operation id alone decides, or null when the command is new. */
  private static @Nullable CommandResult answerById(
      ClusterMetadata state, CommandEnvelope envelope, long commandHash) {
    String id = envelope.operationId();
    OptionalLong timeMillis = OperationIds.timeMillis(id);
    if (timeMillis.isEmpty()) {
      return CommandResult.refused(
          state.index(),
          ErrorCode.INVALID_ARGUMENT,
          "operation id '" + Step.cut(id, 64) + "' is not a lower-case UUID of version 7");
    }
    OperationRecord known = state.operations().get(id);
    if (known != null) {
      return known.commandHash() == commandHash
          ? known.result()
          : CommandResult.refused(
              state.index(),
              ErrorCode.INVALID_ARGUMENT,
              "operation id "
                  + id
                  + " was used at index "
                  + known.result().index()
                  + " for another command");
    }
    if (timeMillis.getAsLong() < state.expiredBeforeMillis()) {
      return CommandResult.refused(
          state.index(),
          ErrorCode.EXPIRED,
          "operation id "
              + id
              + " is from "
              + timeMillis.getAsLong()
              + " ms, ids before "
              + state.expiredBeforeMillis()
              + " ms are no longer remembered");
    }
    if (timeMillis.getAsLong() - envelope.issuedAtMillis() > OperationIds.KEPT_MILLIS) {
      return CommandResult.refused(
          state.index(),
          ErrorCode.INVALID_ARGUMENT,
          "operation id "
              + id
              + " is from "
              + timeMillis.getAsLong()
              + " ms, more than a day after the command was issued at "
              + envelope.issuedAtMillis()
              + " ms");
    }
    return null;
  }

  private static ClusterMetadata remember(
      ClusterMetadata state, CommandEnvelope envelope, long commandHash, CommandResult result) {
    SortedMap<String, OperationRecord> operations = new TreeMap<>(state.operations());
    operations.put(
        envelope.operationId(),
        new OperationRecord(commandHash, result, envelope.issuedAtMillis()));
    long boundary = boundary(state.expiredBeforeMillis(), operations, envelope.issuedAtMillis());
    while (!operations.isEmpty()) {
      long oldestMillis = OperationIds.timeMillis(operations.firstKey()).orElse(0);
      if (oldestMillis >= boundary && operations.size() <= OperationIds.MAX_REMEMBERED) {
        break;
      }
      boundary = Math.max(boundary, oldestMillis + 1);
      operations.remove(operations.firstKey());
    }
    return state.withOperations(operations, boundary);
  }

  private static long boundary(
      long boundary, SortedMap<String, OperationRecord> operations, long issuedAtMillis) {
    long earliest = issuedAtMillis - OperationIds.KEPT_MILLIS;
    if (operations.size() < OperationIds.WITNESSES
        || earliest < boundary + OperationIds.SMALLEST_STEP_MILLIS) {
      return boundary;
    }
    // By the log, not by their ids: those of a clock that is ahead would stay in front for long.
    PriorityQueue<OperationRecord> witnesses =
        new PriorityQueue<>(Comparator.comparingLong(record -> record.result().index()));
    for (OperationRecord record : operations.values()) {
      witnesses.add(record);
      if (witnesses.size() > OperationIds.WITNESSES) {
        witnesses.remove();
      }
    }
    long agreedMillis = witnesses.stream().mapToLong(OperationRecord::atMillis).min().orElseThrow();
    long wanted = agreedMillis - OperationIds.KEPT_MILLIS;
    long reachable =
        boundary == 0 ? wanted : Math.min(wanted, boundary + OperationIds.LARGEST_STEP_MILLIS);
    return Math.max(boundary, reachable);
  }

  private static Applied decide(Step step, Command command) {
    try {
      return dispatch(step, command);
    } catch (FeatureKvException refusal) {
      return step.refused(refusal.code(), String.valueOf(refusal.getMessage()));
    } catch (RuntimeException fault) {
      // The same fault happens on every voter: refusing keeps them alive and equal.
      return step.refused(ErrorCode.INTERNAL, "the command could not be applied: " + fault);
    }
  }

  private static Applied dispatch(Step step, Command command) {
    return switch (command) {
      case Command.FormCluster c -> NodeCommands.formCluster(step, c);
      case Command.RaiseFormat c -> NodeCommands.raiseFormat(step, c);
      case Command.RegisterNode c -> NodeCommands.registerNode(step, c);
      case Command.SetNodeState c -> NodeCommands.setNodeState(step, c);
      case Command.SetVoters c -> NodeCommands.setVoters(step, c);
      case Command.CreateTable c -> TableCommands.createTable(step, c);
      case Command.AlterTable c -> TableCommands.alterTable(step, c);
      case Command.DropTable c -> TableCommands.dropTable(step, c);
      case Command.BeginTask c -> TaskCommands.beginTask(step, c);
      case Command.ReportProgress c -> TaskCommands.reportProgress(step, c);
      case Command.FailTask c -> TaskCommands.failTask(step, c);
      case Command.SealVersion c -> SealCommand.sealVersion(step, c);
      case Command.CheckInputs c -> BuildCommands.checkInputs(step, c);
      case Command.LeaseWork c -> BuildCommands.leaseWork(step, c);
      case Command.ReportWork c -> BuildCommands.reportWork(step, c);
      case Command.FinishSplit c -> BuildCommands.finishSplit(step, c);
      case Command.FinishShard c -> BuildCommands.finishShard(step, c);
      case Command.FailWork c -> BuildCommands.failWork(step, c);
      case Command.LoseWork c -> BuildCommands.loseWork(step, c);
      case Command.SealBuild c -> BuildCommands.sealBuild(step, c);
      case Command.ReportHeld c -> ReportCommands.reportHeld(step, c);
      case Command.ReportDropped c -> ReportCommands.reportDropped(step, c);
      case Command.ReportReady c -> ReportCommands.reportReady(step, c);
      case Command.ReportFindings c -> ReportCommands.reportFindings(step, c);
      case Command.ReportLoadFailure c -> ReportCommands.reportLoadFailure(step, c);
      case Command.RegisterMerged c -> MergeCommands.registerMerged(step, c);
      case Command.ReportMergedHeld c -> MergeCommands.reportMergedHeld(step, c);
      case Command.ReportMergedDropped c -> MergeCommands.reportMergedDropped(step, c);
      case Command.CompleteMerge c -> MergeCommands.completeMerge(step, c);
      case Command.AdvanceVersion c -> VersionCommands.advanceVersion(step, c);
      case Command.ActivateVersion c -> VersionCommands.activateVersion(step, c);
      case Command.StartCanary c -> CanaryCommands.startCanary(step, c);
      case Command.EndCanary c -> CanaryCommands.endCanary(step, c);
      case Command.ReportCanary c -> CanaryCommands.reportCanary(step, c);
      case Command.Rollback c -> VersionCommands.rollback(step, c);
      case Command.DropVersion c -> VersionCommands.dropVersion(step, c);
      case Command.FailVersion c -> VersionCommands.failVersion(step, c);
      case Command.WriteRegister c -> RegisterCommands.write(step, c);
      case Command.CompareAndSetRegister c -> RegisterCommands.compareAndSet(step, c);
    };
  }
}
