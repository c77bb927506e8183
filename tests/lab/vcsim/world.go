// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const gib = int64(1) << 30

// world is what the simulator holds, as the commands name it.
type world struct {
	mutex    sync.Mutex
	machines []*machine
	turn     int
}

func newWorld() *world {
	w := &world{}
	var old []*simulator.VirtualMachine
	for _, entity := range simulator.Map.All("VirtualMachine") {
		old = append(old, entity.(*simulator.VirtualMachine))
	}
	sort.Slice(old, func(a, b int) bool { return old[a].Name < old[b].Name })
	for i, vm := range old {
		m := &machine{VirtualMachine: *vm}
		m.furnish(i)
		simulator.Map.Put(m)
		w.machines = append(w.machines, m)
	}
	for _, entity := range simulator.Map.All("HostSystem") {
		host := entity.(*simulator.HostSystem)
		hardware := *host.Hardware
		hardware.MemorySize = 256 * gib
		host.Hardware = &hardware
		host.Summary.QuickStats.OverallMemoryUsage = 100 * 1024
	}
	for _, entity := range simulator.Map.All("ResourcePool") {
		pool := entity.(*simulator.ResourcePool)
		pool.Runtime.Memory.OverallUsage = 40 * gib
		pool.Runtime.Memory.UnreservedForVm = 64 * gib
	}
	collector := &pager{}
	instance := simulator.Map.Get(types.ManagedObjectReference{
		Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance)
	collector.Self = instance.Content.PropertyCollector
	simulator.Map.Put(collector)
	return w
}

func (w *world) find(name string) (*machine, error) {
	for _, m := range w.machines {
		if m.Name == name {
			return m, nil
		}
	}
	return nil, fmt.Errorf("no machine %s", name)
}

// move changes the figures of some machines in every period, in turn.
func (w *world) move(n int, period time.Duration) {
	for range time.Tick(period) {
		w.mutex.Lock()
		for i := 0; i < n; i++ {
			m := w.machines[w.turn%len(w.machines)]
			w.turn++
			stats := m.Summary.QuickStats
			stats.HostMemoryUsage = stats.HostMemoryUsage/2 + int32(w.turn%512)
			m.setStats(stats)
		}
		w.mutex.Unlock()
	}
}

func expire() error {
	ctx := &simulator.Context{Map: simulator.Map, Session: &simulator.Session{
		UserSession: types.UserSession{Key: "control"}, Registry: simulator.NewRegistry()}}
	manager := simulator.Map.SessionManager()
	view := ctx.Session.Get(manager.Reference()).(*simulator.SessionManager)
	var keys []string
	for _, session := range view.SessionList {
		keys = append(keys, session.Key)
	}
	manager.TerminateSession(ctx, &types.TerminateSession{SessionId: keys})
	return nil
}

func (w *world) pool(limitMB int64) error {
	for _, entity := range simulator.Map.All("ResourcePool") {
		pool := entity.(*simulator.ResourcePool)
		parent := simulator.Map.Get(*pool.Parent)
		if parent.Reference().Type == "ResourcePool" {
			pool.Config.MemoryAllocation.Limit = types.NewInt64(limitMB)
			ref := pool.Self
			for _, m := range w.machines {
				simulator.Map.Update(m, []types.PropertyChange{{Name: "resourcePool", Val: &ref}})
			}
			simulator.Map.Update(pool, []types.PropertyChange{
				{Name: "config.memoryAllocation", Val: pool.Config.MemoryAllocation}})
			return nil
		}
	}
	return fmt.Errorf("no pool")
}

// obey carries out one command:
//
//	hotadd NAME on|off, power NAME on|off, template NAME, inaccessible NAME, rename NAME NEW,
//	remove NAME, stats NAME CONSUMED ACTIVE (MiB), reserve NAME MB (an edit by somebody else),
//	fault NAME TYPE (of the next reconfiguration), size NAME MB, pool LIMITMB, expire
func (w *world) obey(line string) error {
	words := strings.Fields(line)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	switch {
	case len(words) == 0:
		return nil
	case words[0] == "expire":
		return expire()
	case words[0] == "pool" && len(words) == 2:
		limit, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return err
		}
		return w.pool(limit)
	case len(words) < 2:
		return fmt.Errorf("what is %q?", line)
	}
	m, err := w.find(words[1])
	if err != nil {
		return err
	}
	if words[0] == "remove" {
		for i := range w.machines {
			if w.machines[i] == m {
				w.machines = append(w.machines[:i], w.machines[i+1:]...)
				break
			}
		}
	}
	return m.obey(words[0], words[2:])
}
