package engine

import (
	"fmt"
	"time"
)

// Dump describes everything that waits or runs, one line each (SIGUSR1).
func (s *Supervisor) Dump() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, i := range s.ifaces {
		add("interface %s: driver=%s radio=%s state=%v networks=%d bsss=%d scanning=%v", i.name, i.DriverName(), i.RadioName(), i.state,
			len(i.conf.Networks), i.table.Len(), i.Scanning())
		for _, w := range i.radio.infos() {
			add("radio work %s of %s: started=%v age=%v", w.Kind, w.Iface, w.Started, w.Age.Round(time.Millisecond))
		}
		for _, e := range i.ignore.entries {
			add("ignored BSSID %v of %s: count=%d", e.bssid, i.name, e.count)
		}
	}
	for _, t := range s.loop.Timers() {
		add("timer %q in %v", t.Name, t.After.Round(time.Millisecond))
	}
	if n := s.opts.Logs.Suppressed(); n > 0 {
		add("%d log lines were held back by the rate limit", n)
	}
	return out
}
