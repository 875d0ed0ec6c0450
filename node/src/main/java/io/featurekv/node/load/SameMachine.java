package io.featurekv.node.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/** Whether a host is the machine that this process is on, as far as its addresses tell. */
public final class SameMachine {
  private SameMachine() {}

  /** No where its addresses are not known. */
  public static boolean has(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (IOException e) {
      return false;
    }
  }
}
