// SPDX-License-Identifier: MIT

extension GuestMachine {
  /// Returns the device tree as source for `dtc`: only what the guest needs, so that it boots quickly.
  public func deviceTreeSource() -> String {
    """
    /dts-v1/;
    / {
    \t#address-cells = <2>;
    \t#size-cells = <2>;
    \tcompatible = "linux,dummy-virt";
    \tmodel = "gemsync guest";
    \tinterrupt-parent = <&gic>;
    \tchosen { stdout-path = "/serial@9000000"; };
    \tpsci { compatible = "arm,psci-1.0", "arm,psci-0.2"; method = "hvc"; };
    \tcpus {
    \t\t#address-cells = <1>;
    \t\t#size-cells = <0>;
    \t\tcpu@0 { device_type = "cpu"; compatible = "arm,armv8"; reg = <0>; enable-method = "psci"; };
    \t};
    \tmemory@\(hex(Self.memoryBase)) {
    \t\tdevice_type = "memory";
    \t\treg = <\(cells(Self.memoryBase)) \(cells(memorySize))>;
    \t};
    \treserved-memory {
    \t\t#address-cells = <2>;
    \t\t#size-cells = <2>;
    \t\tranges;
    \t\tregisters@\(hex(windowBase)) {
    \t\t\treg = <\(cells(windowBase)) \(cells(Self.windowSize))>;
    \t\t\tno-map;
    \t\t};
    \t};
    \ttimer {
    \t\tcompatible = "arm,armv8-timer";
    \t\talways-on;
    \t\tinterrupts = <1 13 4>, <1 14 4>, <1 11 4>, <1 10 4>;
    \t};
    \tgic: interrupt-controller@8000000 {
    \t\tcompatible = "arm,gic-v3";
    \t\t#interrupt-cells = <3>;
    \t\tinterrupt-controller;
    \t\treg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>;
    \t};
    \tclock: clock {
    \t\tcompatible = "fixed-clock";
    \t\t#clock-cells = <0>;
    \t\tclock-frequency = <500000000>;
    \t};
    \tsupply: supply {
    \t\tcompatible = "regulator-fixed";
    \t\tregulator-name = "gpu";
    \t\tregulator-min-microvolt = <800000>;
    \t\tregulator-max-microvolt = <800000>;
    \t\tregulator-always-on;
    \t};
    \topps: opp-table {
    \t\tcompatible = "operating-points-v2";
    \t\topp-500000000 { opp-hz = /bits/ 64 <500000000>; opp-microvolt = <800000>; };
    \t};
    \tserial@9000000 {
    \t\tcompatible = "arm,pl011", "arm,primecell";
    \t\treg = <0 0x9000000 0 0x1000>;
    \t\tinterrupts = <0 1 4>;
    \t\tclocks = <&clock>, <&clock>;
    \t\tclock-names = "uartclk", "apb_pclk";
    \t};
    \((0..<2).map(transport).joined(separator: "\n"))
    \(gpus.map(node).joined(separator: "\n"))
    };

    """
  }

  /// Returns the node of a virtio transport: 0 has the ports, 1 the result disk, if there is one.
  private func transport(_ index: UInt64) -> String {
    let base = 0xa00_0000 + index * 0x200
    return """
      \tvirtio@\(hex(base)) {
      \t\tcompatible = "virtio,mmio";
      \t\treg = <\(cells(base)) 0x0 0x200>;
      \t\tinterrupts = <0 \(16 + index) 1>;
      \t\tdma-coherent;
      \t};
      """
  }

  private func node(_ gpu: GuestGPU) -> String {
    let base = windowBase + gpu.offset
    let interrupts = (0..<3).map { "<0 \(gpu.firstInterrupt + $0) 1>" }.joined(separator: ", ")
    // panthor needs an operating point to probe; panfrost needs neither.
    let power = "operating-points-v2 = <&opps>; mali-supply = <&supply>;"
    return """
      \tgpu@\(hex(base)) {
      \t\tcompatible = "\(gpu.compatible)";
      \t\treg = <\(cells(base)) \(cells(gpu.registerSize))>;
      \t\tinterrupts = \(interrupts);
      \t\tinterrupt-names = "job", "mmu", "gpu";
      \t\tclocks = <&clock>;
      \t\t\(gpu.driver == .panthor ? "clock-names = \"core\"; " + power : "")
      \t\t\(gpu.isCoherent ? "dma-coherent;" : "")
      \t};
      """
  }

  private func hex(_ value: UInt64) -> String { String(value, radix: 16) }

  /// Returns two 32-bit cells, the high one first.
  private func cells(_ value: UInt64) -> String {
    "0x\(hex(value >> 32)) 0x\(hex(value & 0xffff_ffff))"
  }
}
