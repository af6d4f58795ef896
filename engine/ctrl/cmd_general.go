package ctrl

import (
	"strings"

	"gosupplicant/engine/logs"
)

var generalCommands = []command{
	{"PING", exact, onBoth, always("PONG\n"), "says that the daemon answers"},
	{"IFNAME", exact, onIface, func(r *request) string { return r.iface.Name() }, "name of the interface"},
	{"ATTACH", exact, onBoth, (*request).attach, "makes the sender a monitor"},
	{"DETACH", exact, onBoth, (*request).detach, "ends that"},
	{"LEVEL", withArg, onIface, (*request).level, "level of events for the monitor"},
	{"RELOG", prefix, onBoth, (*request).relog, "reopens the log"},
	{"NOTE", withArg, onBoth, (*request).note, "writes a line into the log"},
	{"LOG_LEVEL", exact | withArg, onIface, (*request).logLevel, "shows or sets the log level"},
	{"TERMINATE", exact, onBoth, (*request).terminate, "ends the process"},
	{"SUSPEND", exact, onBoth, (*request).suspend, "the system goes to sleep"},
	{"RESUME", exact, onBoth, (*request).resume, "the system woke"},
}

// attach: inside IFNAME= there is no socket to attach to.
func (r *request) attach() string {
	switch {
	case r.ep == nil:
		return replyUnknown
	case !r.ep.attach(r.from):
		return replyFail
	}
	if w := r.ep.iface; w != nil && w.gate != nil {
		start := w.gate
		w.gate = nil
		r.srv.sup.Loop().Soon(start)
	}
	return replyOK
}

func (r *request) detach() string {
	switch {
	case r.ep == nil:
		return replyUnknown
	case !r.ep.detach(r.from):
		return replyFail
	}
	return replyOK
}

func (r *request) level() string {
	if r.ep == nil {
		return replyUnknown
	}
	n, err := number(r.arg, 0, 5)
	if err != nil {
		return r.result(err)
	}
	if !r.ep.setLevel(r.from, logs.FromNumber(n)) {
		return replyFail
	}
	return replyOK
}

func (r *request) relog() string { return r.result(r.srv.sup.Logs().Reopen()) }

func (r *request) note() string {
	r.srv.sup.Log().Info("NOTE: " + printable(r.arg))
	return replyOK
}

// logLevel: LOG_LEVEL [<name> [<timestamp>]].
func (r *request) logLevel() string {
	sup := r.srv.sup
	if r.arg == "" {
		return "Current level: " + logs.Name(sup.Logs().Level()) + "\nTimestamp: " + digits(sup.Logs().Timestamp()) + "\n"
	}
	name, stamp, stamped := strings.Cut(r.arg, " ")
	level, ok := logs.ParseLevel(name)
	if !ok {
		return replyFail
	}
	var timestamp *bool
	if stamped {
		on, err := bit(stamp)
		if err != nil {
			return r.result(err)
		}
		timestamp = &on
	}
	sup.SetDebug(&level, timestamp, nil)
	return replyOK
}

func digits(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// terminate answers first: the process may be gone before the next turn.
func (r *request) terminate() string {
	r.srv.sup.Loop().Soon(r.srv.sup.Terminate)
	return replyOK
}

func (r *request) suspend() string { r.srv.sup.Suspend(); return replyOK }
func (r *request) resume() string  { r.srv.sup.Resume(); return replyOK }
