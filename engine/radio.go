package engine

import (
	"fmt"
	"slices"
	"time"

	"gosupplicant/engine/loop"
)

// radio serialises what interfaces of one device want from its antenna: one
// work at a time, in the order asked for, urgent ones first.
type radio struct {
	name   string // kernel name, or "" for an interface with a radio of its own
	loop   loop.Loop
	active *radioWork
	queue  []*radioWork
	users  int // interfaces
}

// radioWork is one turn on a radio. start runs when the turn comes; the owner
// calls finish when it no longer needs the radio.
type radioWork struct {
	radio    *radio
	iface    *Interface
	kind     string // "scan", "connect", "ext:NAME"
	freq     int    // MHz, 0 = any
	start    func()
	dropped  func() // the turn will never come, or was taken away
	queuedAt time.Time
	begunAt  time.Time
	over     bool
}

// RadioWorkInfo describes a work for RADIO_WORK show.
type RadioWorkInfo struct {
	Kind    string
	Iface   string
	Freq    int
	Started bool
	Age     time.Duration // since it was queued, or began
}

func (r *radio) add(w *radioWork, urgent bool) *radioWork {
	w.radio, w.queuedAt = r, r.loop.Now()
	if urgent {
		r.queue = slices.Insert(r.queue, 0, w)
	} else {
		r.queue = append(r.queue, w)
	}
	r.loop.Soon(r.next)
	return w
}

// next gives the turn to the first in the queue.
func (r *radio) next() {
	if r.active != nil || len(r.queue) == 0 {
		return
	}
	w := r.queue[0]
	r.queue = r.queue[1:]
	r.active, w.begunAt = w, r.loop.Now()
	w.iface.log.Debug("Starting radio work", "work", w.kind, "waited", w.begunAt.Sub(w.queuedAt))
	w.start()
}

// finish ends the work, or takes it out of the queue. It may be called twice.
func (w *radioWork) finish() {
	if w == nil || w.over {
		return
	}
	w.over = true
	r := w.radio
	if r.active == w {
		r.active = nil
		r.loop.Soon(r.next)
		return
	}
	if i := slices.Index(r.queue, w); i >= 0 {
		r.queue = slices.Delete(r.queue, i, i+1)
	}
}

// drop ends every work of the interface; owners are told.
func (r *radio) drop(i *Interface) {
	works := slices.Clone(r.queue)
	if r.active != nil {
		works = append(works, r.active)
	}
	for _, w := range works {
		if w.iface != i {
			continue
		}
		w.finish()
		if w.dropped != nil {
			w.dropped()
		}
	}
}

func (r *radio) infos() []RadioWorkInfo {
	var out []RadioWorkInfo
	now := r.loop.Now()
	if w := r.active; w != nil {
		out = append(out, RadioWorkInfo{w.kind, w.iface.Name(), w.freq, true, now.Sub(w.begunAt)})
	}
	for _, w := range r.queue {
		out = append(out, RadioWorkInfo{w.kind, w.iface.Name(), w.freq, false, now.Sub(w.queuedAt)})
	}
	return out
}

// externalWorkTimeout ends external work whose owner forgot it.
const externalWorkTimeout = 10 * time.Second

// externalWork is radio work that a control client asked for.
type externalWork struct {
	id    int
	work  *radioWork
	timer *loop.Timer
}

// externalWorks owns the external radio works of one interface.
type externalWorks struct {
	last  int
	works []*externalWork
}

// AddRadioWork queues a turn for a control client, which is told with
// RadioWorkStarted. timeout 0 is the default of ten seconds, counted from the start.
func (i *Interface) AddRadioWork(name string, freq int, timeout time.Duration) (int, error) {
	if name == "" || len(i.external.works) >= 64 {
		return 0, &InvalidError{What: "radio work"}
	}
	if timeout <= 0 {
		timeout = externalWorkTimeout
	}
	i.external.last++
	e := &externalWork{id: i.external.last}
	i.external.works = append(i.external.works, e)
	e.work = i.radio.add(&radioWork{iface: i, kind: "ext:" + name, freq: freq,
		start: func() {
			i.emit(RadioWorkStarted{i, e.id})
			e.timer = i.loop.After(timeout, fmt.Sprintf("%s radio work %d", i.Name(), e.id), func() {
				i.emit(RadioWorkTimeout{i, e.id})
				i.endExternal(e)
			})
		},
		dropped: func() { i.endExternal(e) },
	}, false)
	return e.id, nil
}

func (i *Interface) endExternal(e *externalWork) {
	e.timer.Stop()
	e.work.finish()
	if k := slices.Index(i.external.works, e); k >= 0 {
		i.external.works = slices.Delete(i.external.works, k, k+1)
	}
}

// FinishRadioWork ends external work, begun or not.
func (i *Interface) FinishRadioWork(id int) error {
	for _, e := range i.external.works {
		if e.id == id {
			i.endExternal(e)
			return nil
		}
	}
	return ErrUnknownWork
}

// RadioWorks lists what the radio of this interface does and will do.
func (i *Interface) RadioWorks() []RadioWorkInfo { return i.radio.infos() }
