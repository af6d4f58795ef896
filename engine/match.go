package engine

import (
	"errors"
	"fmt"
	"path"

	"gosupplicant/drivers"
)

// matcher takes interfaces into use whose names match a pattern (-M), now and
// when they appear.
type matcher struct {
	configs []InterfaceConfig // Ifname is an fnmatch pattern; empty matches all
	stops   []func()
	seen    map[string]bool // names that exist and were tried
}

// MatchInterfaces starts matching. The first pattern that fits a name decides.
func (s *Supervisor) MatchInterfaces(cfgs []InterfaceConfig) error {
	m := &s.matches
	for k, c := range cfgs {
		if c.Ifname == "" {
			cfgs[k].Ifname = "*"
		}
		if _, err := path.Match(cfgs[k].Ifname, "x"); err != nil {
			return &InvalidError{What: "interface pattern " + c.Ifname, Err: err}
		}
	}
	m.configs, m.seen = cfgs, map[string]bool{}
	watched := map[string]bool{}
	var errs []error
	for _, c := range cfgs {
		drvs, err := s.pickDrivers(c.Driver)
		if err != nil {
			return err
		}
		for _, d := range drvs {
			w, ok := d.(drivers.Watcher)
			if !ok || watched[d.Name()] {
				continue
			}
			watched[d.Name()] = true
			stop, err := w.Watch(func(ev drivers.LinkEvent) { s.loop.Post(func() { s.linkEvent(ev) }) })
			if err != nil { // another one of the list may do
				errs = append(errs, err)
				continue
			}
			m.stops = append(m.stops, stop)
		}
	}
	switch {
	case len(m.stops) > 0:
		for _, err := range errs {
			s.log.Warn("Not every driver watches for interfaces", "err", err)
		}
		return nil
	case len(errs) > 0:
		return fmt.Errorf("watching interfaces: %w", errors.Join(errs...))
	}
	return errors.New("interface matching: no driver of the list can watch interfaces")
}

func (m *matcher) config(name string) *InterfaceConfig {
	for k := range m.configs {
		if ok, _ := path.Match(m.configs[k].Ifname, name); ok {
			return &m.configs[k]
		}
	}
	return nil
}

func (m *matcher) covers(name string) bool { return m.config(name) != nil }

func (m *matcher) forget(name string) { delete(m.seen, name) }

func (m *matcher) stopAll() {
	for _, stop := range m.stops {
		stop()
	}
	m.stops, m.configs = nil, nil
}

// linkEvent hears of an interface that came or went.
func (s *Supervisor) linkEvent(ev drivers.LinkEvent) {
	m := &s.matches
	if !ev.Present {
		m.forget(ev.Ifname)
		return
	}
	c := m.config(ev.Ifname)
	if c == nil || m.seen[ev.Ifname] || s.InterfaceByName(ev.Ifname) != nil {
		return
	}
	m.seen[ev.Ifname] = true
	cfg := *c
	cfg.Ifname = ev.Ifname
	s.log.Info("Interface matched", "ifname", ev.Ifname, "pattern", c.Ifname)
	s.AddInterface(cfg, func(*Interface, error) {}) // which says in the log why it failed
}
