package dbus

import (
	"math/bits"

	"gosupplicant/dbus/bus"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// changes is the set of properties that changed and were not sent yet, folded
// per object. It holds numbers, not values: values are read when sent.
type changes struct {
	marks map[key]uint64 // bit i stands for row i of the object's table
	order []key          // of the first mark; may name keys that were dropped
	timer *loop.Timer
}

func (c *changes) init() { c.marks = map[key]uint64{} }

func (c *changes) clear() {
	clear(c.marks)
	c.order = nil
	c.timer.Stop()
}

// drop forgets the changes of an object that is gone.
func (c *changes) drop(k key) { delete(c.marks, k) }

// dropInterface forgets an interface and everything below it.
func (c *changes) dropInterface(id int) {
	for k := range c.marks {
		if k.kind != kindRoot && k.iface == id {
			delete(c.marks, k)
		}
	}
}

// mark notes that properties of an object have other values now.
func (s *Server) mark(k key, names ...string) {
	if s.conn == nil {
		return
	}
	d := descriptors()[k.kind]
	var set uint64
	urgent := false
	for _, name := range names {
		i, ok := d.propertyIndex[name]
		if !ok || i >= maxMarked {
			s.log.Error("dbus: no such property can be marked", "property", d.name+"."+name)
			continue
		}
		set |= 1 << i
		urgent = urgent || d.properties[i].urgent
	}
	s.markBits(k, set)
	if urgent {
		s.flushKey(k)
		s.flushSoon()
	}
}

func (s *Server) markBits(k key, set uint64) {
	c := &s.changes
	if set == 0 || s.conn == nil {
		return
	}
	old, known := c.marks[k]
	if !known {
		if len(c.marks) == 0 {
			c.order = c.order[:0]
			c.timer.Stop()
			c.timer = s.loop.After(foldFor, "dbus property changes", s.foldedLongEnough)
		}
		c.order = append(c.order, k)
	}
	c.marks[k] = old | set
}

func (s *Server) foldedLongEnough() {
	s.flushChanges()
	s.flushSoon()
}

// flushChanges sends every change there is.
func (s *Server) flushChanges() {
	c := &s.changes
	if len(c.marks) == 0 {
		return
	}
	c.timer.Stop()
	order := c.order
	c.order = nil
	for _, k := range order {
		s.flushKey(k)
	}
}

// flushKey sends the changes of one object.
func (s *Server) flushKey(k key) {
	set := s.changes.marks[k]
	delete(s.changes.marks, k)
	if set == 0 || s.conn == nil {
		return
	}
	obj, ok := s.lookup(k)
	if !ok {
		return
	}
	s.sendChanges(obj, set)
}

// sendChanges reads and sends the properties of a set.
func (s *Server) sendChanges(obj object, set uint64) {
	d := obj.descriptor()
	changed := make(bus.Dict, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		p := &d.properties[bits.TrailingZeros64(set)]
		if v, err := s.get(obj, p); err == nil {
			changed = append(changed, bus.Entry{Key: p.name, Value: v})
		}
	}
	if len(changed) == 0 {
		return
	}
	path := obj.path()
	s.emit(path, ifaceProperties, "PropertiesChanged", d.name, changed, []string{})
	s.emit(path, d.name, "PropertiesChanged", changed)
}

// debugState is what DebugChanged does not tell: which of the three it was.
type debugState struct {
	level                int
	timestamp, showsKeys bool
}

func (s *Server) debugNow() debugState {
	h := s.sup.Logs()
	return debugState{logs.Number(h.Level()), h.Timestamp(), h.ShowKeys()}
}

func (s *Server) debugChanged() {
	old := s.debug
	s.debug = s.debugNow()
	if s.debug.level != old.level {
		s.mark(key{}, "DebugLevel")
	}
	if s.debug.timestamp != old.timestamp {
		s.mark(key{}, "DebugTimestamp")
	}
	if s.debug.showsKeys != old.showsKeys {
		s.mark(key{}, "DebugShowKeys")
	}
}
