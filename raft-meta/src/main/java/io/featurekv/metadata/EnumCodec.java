package io.featurekv.metadata;

import io.featurekv.metadata.message.DutyMessage;
import io.featurekv.metadata.message.NodeStateMessage;
import io.featurekv.metadata.message.TableKindMessage;
import io.featurekv.metadata.message.TaskStateMessage;
import io.featurekv.metadata.message.UpdateModeMessage;
import io.featurekv.metadata.message.VersionStateMessage;
import io.featurekv.metadata.message.WorkStateMessage;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;

/**
 * Enums and their numbers in the messages. A number that is not known comes from a newer release.
 */
final class EnumCodec {
  private EnumCodec() {}

  static DutyMessage encode(Duty duty) {
    return switch (duty) {
      case META -> DutyMessage.DUTY_META;
      case BUILD -> DutyMessage.DUTY_BUILD;
      case SERVE -> DutyMessage.DUTY_SERVE;
    };
  }

  static Duty decode(DutyMessage message) {
    return switch (message) {
      case DUTY_META -> Duty.META;
      case DUTY_BUILD -> Duty.BUILD;
      case DUTY_SERVE -> Duty.SERVE;
      case DUTY_UNSPECIFIED, UNRECOGNIZED -> throw unknown("Duty");
    };
  }

  static NodeStateMessage encode(NodeState nodeState) {
    return switch (nodeState) {
      case UP -> NodeStateMessage.NODE_STATE_UP;
      case DOWN -> NodeStateMessage.NODE_STATE_DOWN;
      case TAKEN_OVER -> NodeStateMessage.NODE_STATE_TAKEN_OVER;
    };
  }

  static NodeState decode(NodeStateMessage message) {
    return switch (message) {
      case NODE_STATE_UP -> NodeState.UP;
      case NODE_STATE_DOWN -> NodeState.DOWN;
      case NODE_STATE_TAKEN_OVER -> NodeState.TAKEN_OVER;
      case NODE_STATE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("NodeState");
    };
  }

  static TableKindMessage encode(TableKind tableKind) {
    return switch (tableKind) {
      case MEM -> TableKindMessage.TABLE_KIND_MEM;
      case IDX -> TableKindMessage.TABLE_KIND_IDX;
      case BLK -> TableKindMessage.TABLE_KIND_BLK;
    };
  }

  static TableKind decode(TableKindMessage message) {
    return switch (message) {
      case TABLE_KIND_MEM -> TableKind.MEM;
      case TABLE_KIND_IDX -> TableKind.IDX;
      case TABLE_KIND_BLK -> TableKind.BLK;
      case TABLE_KIND_UNSPECIFIED, UNRECOGNIZED -> throw unknown("TableKind");
    };
  }

  static UpdateModeMessage encode(UpdateMode updateMode) {
    return switch (updateMode) {
      case FULL -> UpdateModeMessage.UPDATE_MODE_FULL;
      case INCREMENTAL -> UpdateModeMessage.UPDATE_MODE_INCREMENTAL;
    };
  }

  static UpdateMode decode(UpdateModeMessage message) {
    return switch (message) {
      case UPDATE_MODE_FULL -> UpdateMode.FULL;
      case UPDATE_MODE_INCREMENTAL -> UpdateMode.INCREMENTAL;
      case UPDATE_MODE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("UpdateMode");
    };
  }

  static TaskStateMessage encode(TaskState taskState) {
    return switch (taskState) {
      case BUILDING -> TaskStateMessage.TASK_STATE_BUILDING;
      case LOADING -> TaskStateMessage.TASK_STATE_LOADING;
      case READY -> TaskStateMessage.TASK_STATE_READY;
      case ACTIVE -> TaskStateMessage.TASK_STATE_ACTIVE;
      case FAILED -> TaskStateMessage.TASK_STATE_FAILED;
      case CANCELLED -> TaskStateMessage.TASK_STATE_CANCELLED;
    };
  }

  static TaskState decode(TaskStateMessage message) {
    return switch (message) {
      case TASK_STATE_BUILDING -> TaskState.BUILDING;
      case TASK_STATE_LOADING -> TaskState.LOADING;
      case TASK_STATE_READY -> TaskState.READY;
      case TASK_STATE_ACTIVE -> TaskState.ACTIVE;
      case TASK_STATE_FAILED -> TaskState.FAILED;
      case TASK_STATE_CANCELLED -> TaskState.CANCELLED;
      case TASK_STATE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("TaskState");
    };
  }

  static VersionStateMessage encode(VersionState versionState) {
    return switch (versionState) {
      case BUILDING -> VersionStateMessage.VERSION_STATE_BUILDING;
      case SEALED -> VersionStateMessage.VERSION_STATE_SEALED;
      case LOADING -> VersionStateMessage.VERSION_STATE_LOADING;
      case READY -> VersionStateMessage.VERSION_STATE_READY;
      case ACTIVE -> VersionStateMessage.VERSION_STATE_ACTIVE;
      case RETAINED -> VersionStateMessage.VERSION_STATE_RETAINED;
      case ROLLED_BACK -> VersionStateMessage.VERSION_STATE_ROLLED_BACK;
      case FAILED -> VersionStateMessage.VERSION_STATE_FAILED;
      case DROPPED -> VersionStateMessage.VERSION_STATE_DROPPED;
    };
  }

  static VersionState decode(VersionStateMessage message) {
    return switch (message) {
      case VERSION_STATE_BUILDING -> VersionState.BUILDING;
      case VERSION_STATE_SEALED -> VersionState.SEALED;
      case VERSION_STATE_LOADING -> VersionState.LOADING;
      case VERSION_STATE_READY -> VersionState.READY;
      case VERSION_STATE_ACTIVE -> VersionState.ACTIVE;
      case VERSION_STATE_RETAINED -> VersionState.RETAINED;
      case VERSION_STATE_ROLLED_BACK -> VersionState.ROLLED_BACK;
      case VERSION_STATE_FAILED -> VersionState.FAILED;
      case VERSION_STATE_DROPPED -> VersionState.DROPPED;
      case VERSION_STATE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("VersionState");
    };
  }

  static WorkStateMessage encode(WorkState workState) {
    return switch (workState) {
      case PENDING -> WorkStateMessage.WORK_STATE_PENDING;
      case LEASED -> WorkStateMessage.WORK_STATE_LEASED;
      case DONE -> WorkStateMessage.WORK_STATE_DONE;
      case FAILED -> WorkStateMessage.WORK_STATE_FAILED;
    };
  }

  static WorkState decode(WorkStateMessage message) {
    return switch (message) {
      case WORK_STATE_PENDING -> WorkState.PENDING;
      case WORK_STATE_LEASED -> WorkState.LEASED;
      case WORK_STATE_DONE -> WorkState.DONE;
      case WORK_STATE_FAILED -> WorkState.FAILED;
      case WORK_STATE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("WorkState");
    };
  }

  private static UnsupportedMetadataException unknown(String what) {
    return new UnsupportedMetadataException(
        "a " + what + " that this release does not know; run a newer one");
  }
}
