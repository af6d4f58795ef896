package nl80211

import (
	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
)

// onLink takes a report of the link watcher in.
func (h *hub) onLink(ev link.Event) {
	switch ev.Kind {
	case link.EventChanged:
		h.tellWatches(ev.Link.Index, ev.Link.Name)
		h.each(func(i *Interface) {
			if i.info.Ifindex == ev.Link.Index {
				i.linkReported(ev.Link)
			}
		})
	case link.EventRemoved:
		h.tellWatches(ev.Link.Index, "")
		h.each(func(i *Interface) {
			if i.info.Ifindex == ev.Link.Index {
				i.removed("network interface removed")
			}
		})
	case link.EventResync:
		h.each(func(i *Interface) { i.resync("the kernel dropped link events (socket overrun)") })
	case link.EventFailed:
		h.each(func(i *Interface) { i.removed(ev.Err.Error()) })
	case link.EventWireless: // nl80211 says the same with more words
	}
}

// tellWatches notes the name of an interface, empty when it has gone, and
// reports the difference.
func (h *hub) tellWatches(index int, name string) {
	h.watchMu.Lock()
	defer h.watchMu.Unlock()
	old, had := h.known[index]
	if had && old == name || !had && name == "" {
		return
	}
	if had {
		h.tell(drivers.LinkEvent{Ifname: old, Ifindex: index})
		delete(h.known, index)
	}
	if name != "" {
		h.known[index] = name
		h.tell(drivers.LinkEvent{Ifname: name, Ifindex: index, Present: true})
	}
}

func (h *hub) tell(ev drivers.LinkEvent) {
	for w := range h.watches {
		w.fn(ev)
	}
}

// addWatch registers a watcher, tells it what exists and returns how to remove
// it.
func (h *hub) addWatch(fn func(drivers.LinkEvent)) (remove func()) {
	w := &watch{fn: fn}
	h.watchMu.Lock()
	defer h.watchMu.Unlock()
	h.watches[w] = struct{}{}
	for index, name := range h.known {
		fn(drivers.LinkEvent{Ifname: name, Ifindex: index, Present: true})
	}
	return func() {
		h.watchMu.Lock()
		defer h.watchMu.Unlock()
		delete(h.watches, w)
	}
}
