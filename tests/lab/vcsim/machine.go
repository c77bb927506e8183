// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// machine is a virtual machine that reconfigures by the rules of a real host.
type machine struct {
	simulator.VirtualMachine
	changes int
	fault   types.BaseMethodFault // of the next reconfiguration
}

// furnish gives it a size and figures that mean something: the same ones at every start.
func (m *machine) furnish(i int) {
	size := int32(1024 << (i % 4))
	level := []types.SharesLevel{types.SharesLevelNormal, types.SharesLevelLow, types.SharesLevelHigh}[i%3]
	per := map[types.SharesLevel]int32{
		types.SharesLevelLow: 5, types.SharesLevelNormal: 10, types.SharesLevelHigh: 20}[level]
	m.Config.Hardware.MemoryMB = size
	m.Summary.Config.MemorySizeMB = size
	m.Config.MemoryAllocation = &types.ResourceAllocationInfo{
		Reservation: types.NewInt64(0),
		Limit:       types.NewInt64(-1),
		Shares:      &types.SharesInfo{Level: level, Shares: per * size},
	}
	m.Config.MemoryReservationLockedToMax = types.NewBool(false)
	m.Config.MemoryHotAddEnabled = types.NewBool(false)
	m.Config.HotPlugMemoryIncrementSize = 128
	m.Config.HotPlugMemoryLimit = int64(size) * 4
	now := time.Now()
	m.Runtime.BootTime = &now
	m.bump()
	stats := m.Summary.QuickStats
	stats.HostMemoryUsage = size * int32(50+i%5*10) / 100
	stats.GuestMemoryUsage = size * int32(10+i%4*10) / 100
	stats.SharedMemory = size / 16
	stats.PrivateMemory = stats.HostMemoryUsage - stats.SharedMemory
	stats.GrantedMemory = stats.HostMemoryUsage
	stats.ConsumedOverheadMemory = 40
	if i%7 == 3 {
		stats.BalloonedMemory = size / 8
		stats.SwappedMemory = size / 16
		stats.CompressedMemory = 4096
	}
	m.Summary.QuickStats = stats
}

func (m *machine) bump() {
	m.changes++
	m.Config.ChangeVersion = fmt.Sprintf("2026-11-22T20:15:00.%06dZ", m.changes)
}

func (m *machine) update(changes ...types.PropertyChange) {
	simulator.Map.Update(m, changes)
}

func (m *machine) setStats(stats types.VirtualMachineQuickStats) {
	m.update(types.PropertyChange{Name: "summary.quickStats", Val: stats})
}

// published tells the watchers what a reconfiguration changed.
func (m *machine) published() {
	m.bump()
	m.update(
		types.PropertyChange{Name: "config.hardware.memoryMB", Val: m.Config.Hardware.MemoryMB},
		types.PropertyChange{Name: "config.memoryAllocation", Val: *m.Config.MemoryAllocation},
		types.PropertyChange{Name: "config.memoryReservationLockedToMax",
			Val: *m.Config.MemoryReservationLockedToMax},
		types.PropertyChange{Name: "config.changeVersion", Val: m.Config.ChangeVersion})
}

func invalid(property string) types.BaseMethodFault {
	return &types.InvalidArgument{InvalidProperty: property}
}

// judge is what a real host says to a specification before it does anything.
func (m *machine) judge(spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	size := int64(m.Config.Hardware.MemoryMB)
	on := m.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
	if fault := m.fault; fault != nil {
		m.fault = nil
		return fault
	}
	if spec.ChangeVersion != "" && spec.ChangeVersion != m.Config.ChangeVersion {
		return new(types.ConcurrentAccess)
	}
	if spec.MemoryMB != 0 {
		switch {
		case spec.MemoryMB%4 != 0:
			return invalid("configSpec.memoryMB")
		case on && spec.MemoryMB < size:
			return &types.InvalidPowerState{
				ExistingState: m.Runtime.PowerState, RequestedState: types.VirtualMachinePowerStatePoweredOff}
		case on && spec.MemoryMB > size && !*m.Config.MemoryHotAddEnabled:
			return new(types.MemoryHotPlugNotSupported)
		}
		size = spec.MemoryMB
	}
	locked := *m.Config.MemoryReservationLockedToMax
	if spec.MemoryReservationLockedToMax != nil {
		locked = *spec.MemoryReservationLockedToMax
	}
	if a := spec.MemoryAllocation; a != nil && a.Reservation != nil {
		limit := a.Limit
		if limit == nil {
			limit = m.Config.MemoryAllocation.Limit
		}
		if *a.Reservation > size || *limit >= 0 && *a.Reservation > *limit ||
			locked && *a.Reservation != size {
			return invalid("configSpec.memoryAllocation.reservation")
		}
	}
	return nil
}

// mergeExtra replaces a key, as a real host does; the library only appends.
func (m *machine) mergeExtra(spec *types.VirtualMachineConfigSpec) {
	for _, option := range spec.ExtraConfig {
		key := option.GetOptionValue().Key
		kept := m.Config.ExtraConfig[:0:0]
		for _, old := range m.Config.ExtraConfig {
			if old.GetOptionValue().Key != key {
				kept = append(kept, old)
			}
		}
		if option.GetOptionValue().Value != "" {
			kept = append(kept, option)
		}
		m.Config.ExtraConfig = kept
	}
	spec.ExtraConfig = nil
}

// ReconfigVMTask overrides the library's.
func (m *machine) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	if fault := m.judge(&req.Spec); fault != nil {
		task := simulator.CreateTask(m, "reconfigVm",
			func(*simulator.Task) (types.AnyType, types.BaseMethodFault) { return nil, fault })
		return &methods.ReconfigVM_TaskBody{
			Res: &types.ReconfigVM_TaskResponse{Returnval: task.Run()}}
	}
	m.mergeExtra(&req.Spec)
	res := m.VirtualMachine.ReconfigVMTask(ctx, req)
	m.published()
	return res
}

func (m *machine) power(on bool) {
	state := types.VirtualMachinePowerStatePoweredOff
	if on {
		state = types.VirtualMachinePowerStatePoweredOn
	}
	m.update(types.PropertyChange{Name: "runtime.powerState", Val: state},
		types.PropertyChange{Name: "summary.runtime.powerState", Val: state})
}

func (m *machine) remove() {
	ref := m.Self
	simulator.Map.Remove(ref)
	for _, kind := range []string{"HostSystem", "ResourcePool", "Folder"} {
		for _, entity := range simulator.Map.All(kind) {
			switch parent := entity.(type) {
			case *simulator.HostSystem:
				simulator.RemoveReference(&parent.Vm, ref)
			case *simulator.ResourcePool:
				simulator.RemoveReference(&parent.Vm, ref)
			case *simulator.Folder:
				simulator.RemoveReference(&parent.ChildEntity, ref)
			}
		}
	}
}

func faultNamed(name string) (types.BaseMethodFault, error) {
	faults := map[string]types.BaseMethodFault{
		"ConcurrentAccess":  new(types.ConcurrentAccess),
		"NoPermission":      &types.NoPermission{PrivilegeId: "VirtualMachine.Config.Memory"},
		"TaskInProgress":    new(types.TaskInProgress),
		"RestrictedVersion": new(types.RestrictedVersion),
		"InvalidArgument":   invalid("configSpec.memoryAllocation.limit"),
		"InsufficientMemoryResourcesFault": &types.InsufficientMemoryResourcesFault{
			Unreserved: 1 << 30, Requested: 2 << 30},
	}
	if fault, ok := faults[name]; ok {
		return fault, nil
	}
	return nil, fmt.Errorf("no fault %s", name)
}

func numbers(words []string, n int) ([]int64, error) {
	if len(words) != n {
		return nil, fmt.Errorf("%d numbers", n)
	}
	var out []int64
	for _, word := range words {
		number, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, number)
	}
	return out, nil
}

func (m *machine) obey(command string, words []string) error {
	on := len(words) == 1 && words[0] == "on"
	switch command {
	case "hotadd":
		m.Config.MemoryHotAddEnabled = types.NewBool(on)
		m.update(types.PropertyChange{Name: "config.memoryHotAddEnabled", Val: on})
	case "power":
		m.power(on)
	case "template":
		m.update(types.PropertyChange{Name: "config.template", Val: true})
	case "inaccessible":
		state := types.VirtualMachineConnectionStateInaccessible
		m.update(types.PropertyChange{Name: "runtime.connectionState", Val: state})
	case "rename":
		m.Name = words[0]
		m.update(types.PropertyChange{Name: "name", Val: words[0]})
	case "remove":
		m.remove()
	case "fault":
		fault, err := faultNamed(words[0])
		m.fault = fault
		return err
	case "stats":
		n, err := numbers(words, 2)
		if err != nil {
			return err
		}
		stats := m.Summary.QuickStats
		stats.HostMemoryUsage, stats.GuestMemoryUsage = int32(n[0]), int32(n[1])
		m.setStats(stats)
	case "reserve", "size", "limit":
		n, err := numbers(words, 1)
		if err != nil {
			return err
		}
		allocation := *m.Config.MemoryAllocation
		switch command {
		case "reserve":
			allocation.Reservation = &n[0]
		case "limit":
			allocation.Limit = &n[0]
		default:
			m.Config.Hardware.MemoryMB = int32(n[0])
		}
		m.Config.MemoryAllocation = &allocation
		m.published()
	default:
		return fmt.Errorf("what is %q?", command)
	}
	return nil
}
