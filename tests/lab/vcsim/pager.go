// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// pager is a property collector that honours maxObjects and maxObjectUpdates, which the library's
// does not.
type pager struct {
	simulator.PropertyCollector
	objects map[string][]types.ObjectContent
	pages   int
	updates []types.PropertyFilterUpdate
}

func (p *pager) cut(result *types.RetrieveResult, max int) {
	if result == nil || max <= 0 || len(result.Objects) <= max {
		return
	}
	if p.objects == nil {
		p.objects = map[string][]types.ObjectContent{}
	}
	p.pages++
	result.Token = fmt.Sprintf("%d/%d", max, p.pages)
	p.objects[result.Token] = result.Objects[max:]
	result.Objects = result.Objects[:max]
}

// RetrievePropertiesEx overrides the library's.
func (p *pager) RetrievePropertiesEx(ctx *simulator.Context, r *types.RetrievePropertiesEx) soap.HasFault {
	res := p.PropertyCollector.RetrievePropertiesEx(ctx, r)
	if body, ok := res.(*methods.RetrievePropertiesExBody); ok && body.Res != nil {
		p.cut(body.Res.Returnval, int(r.Options.MaxObjects))
	}
	return res
}

// ContinueRetrievePropertiesEx is not in the library.
func (p *pager) ContinueRetrievePropertiesEx(ctx *simulator.Context, r *types.ContinueRetrievePropertiesEx) soap.HasFault {
	body := &methods.ContinueRetrievePropertiesExBody{}
	objects, ok := p.objects[r.Token]
	if !ok {
		body.Fault_ = simulator.Fault("", &types.InvalidArgument{InvalidProperty: "token"})
		return body
	}
	delete(p.objects, r.Token)
	max := 0
	fmt.Sscanf(r.Token, "%d/", &max)
	result := types.RetrieveResult{Objects: objects}
	p.cut(&result, max)
	body.Res = &types.ContinueRetrievePropertiesExResponse{Returnval: result}
	return body
}

func (p *pager) next(version string, max int) *methods.WaitForUpdatesExBody {
	set := &types.UpdateSet{Version: version}
	room := max
	for room > 0 && len(p.updates) > 0 {
		update := p.updates[0]
		if len(update.ObjectSet) > room {
			p.updates[0].ObjectSet = update.ObjectSet[room:]
			update.ObjectSet = update.ObjectSet[:room]
		} else {
			p.updates = p.updates[1:]
		}
		room -= len(update.ObjectSet)
		set.FilterSet = append(set.FilterSet, update)
	}
	set.Truncated = types.NewBool(len(p.updates) > 0)
	return &methods.WaitForUpdatesExBody{Res: &types.WaitForUpdatesExResponse{Returnval: set}}
}

// WaitForUpdatesEx overrides the library's.
func (p *pager) WaitForUpdatesEx(ctx *simulator.Context, r *types.WaitForUpdatesEx) soap.HasFault {
	max := 0
	if r.Options != nil {
		max = int(r.Options.MaxObjectUpdates)
	}
	if r.Version == "" {
		p.updates = nil
	}
	if max <= 0 || len(p.updates) == 0 {
		res := p.PropertyCollector.WaitForUpdatesEx(ctx, r)
		body, ok := res.(*methods.WaitForUpdatesExBody)
		if !ok || body.Res == nil || body.Res.Returnval == nil || max <= 0 {
			return res
		}
		p.updates = body.Res.Returnval.FilterSet
		return p.next(body.Res.Returnval.Version, max)
	}
	return p.next(r.Version, max)
}
