package engine

import (
	"slices"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/loop"
)

// holds are networks that are left alone for a while after failures.
type holds struct{ list []*hold }

type hold struct {
	network *conf.Network
	fails   int
	until   time.Time
	timer   *loop.Timer
}

func (h *holds) find(n *conf.Network) *hold {
	for _, e := range h.list {
		if e.network == n {
			return e
		}
	}
	return nil
}

func (h *holds) stop() {
	for _, e := range h.list {
		e.timer.Stop()
	}
	h.list = nil
}

// NetworkTempDisabled tells whether a network is on hold and for how long yet.
func (i *Interface) NetworkTempDisabled(n *conf.Network) (left time.Duration, ok bool) {
	if h := i.holds.find(n); h != nil {
		if left = h.until.Sub(i.loop.Now()); left > 0 {
			return left, true
		}
	}
	return 0, false
}

// drop forgets the failures of a network without a word, and returns them.
func (h *holds) drop(n *conf.Network) *hold {
	e := h.find(n)
	if e != nil {
		e.timer.Stop()
		h.list = slices.DeleteFunc(h.list, func(o *hold) bool { return o == e })
	}
	return e
}

// unhold forgets the failures of a network; observers hear of it when it was
// on hold.
func (i *Interface) unhold(n *conf.Network) {
	h := i.holds.drop(n)
	if h != nil && h.until.After(i.loop.Now()) {
		i.emit(NetworkReenabled{i, n})
	}
}
