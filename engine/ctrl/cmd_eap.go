package ctrl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
)

var eapCommands = []command{
	{"LOGON", exact, onIface, func(r *request) string { r.iface.Logon(); return replyOK }, "IEEE 802.1X logon"},
	{"LOGOFF", exact, onIface, func(r *request) string { r.iface.Logoff(); return replyOK }, "IEEE 802.1X logoff"},
	{"REAUTHENTICATE", exact, onIface, func(r *request) string { r.iface.Reauthenticate(); return replyOK }, "begins EAP anew, without the cached key"},
	{"PREAUTH", withArg, onIface, (*request).preauth, "pre-authentication with an access point of the network"},
	{"CTRL-RSP-", prefix, onIface, (*request).answer, "answer to a question (CTRL-REQ-)"},
}

// answer: <field>-<network id>:<value>. The value is in no log and no error.
func (r *request) answer() string {
	head, value, ok := strings.Cut(r.arg, ":")
	cut := strings.LastIndexByte(head, '-')
	if !ok || cut < 0 {
		return r.result(errors.New("answer of a form that is not <field>-<network id>:<value>"))
	}
	n, err := id(head[cut+1:])
	if err != nil {
		return r.result(err)
	}
	return r.result(r.iface.Credential(n, head[:cut], []byte(value)))
}

// preauth: <bssid>.
func (r *request) preauth() string {
	bssid, err := dot11.ParseMAC(r.arg)
	if err != nil {
		return r.result(err)
	}
	return r.result(r.iface.Preauthenticate(bssid))
}

// addEAP adds lines of 802.1X to a report.
func addEAP(l *list, lines []eap.KeyValue) {
	for _, kv := range lines {
		l.add(printable(kv.Key+"="+kv.Value) + "\n")
	}
}

// statusEAP are the lines of STATUS about 802.1X.
func (r *request) statusEAP(l *list) {
	addEAP(l, r.iface.EAPStatus(strings.HasPrefix(r.arg, "-VERBOSE")))
	if id := r.iface.EAPSessionID(); len(id) > 0 {
		l.add(fmt.Sprintf("eap_session_id=%x\n", id))
	}
	if lines := r.iface.PreauthStatus(strings.HasPrefix(r.arg, "-VERBOSE")); lines != nil {
		l.add("Pre-authentication EAPOL state machines:\n")
		addEAP(l, lines)
	}
}

// eapolVariables are the parameters of 802.1X: periods in seconds, and a count.
var eapolVariables = map[string]func(n int) engine.EAPOLTiming{
	"eapol::heldperiod":  func(n int) engine.EAPOLTiming { return engine.EAPOLTiming{Held: seconds(n)} },
	"eapol::authperiod":  func(n int) engine.EAPOLTiming { return engine.EAPOLTiming{Auth: seconds(n)} },
	"eapol::startperiod": func(n int) engine.EAPOLTiming { return engine.EAPOLTiming{Start: seconds(n)} },
	"eapol::maxstart":    func(n int) engine.EAPOLTiming { return engine.EAPOLTiming{MaxStart: n} },
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// maxEAPOL bounds them.
const maxEAPOL = 65535

func (r *request) setEAPOL(value string, timing func(int) engine.EAPOLTiming) string {
	n, err := number(value, 1, maxEAPOL)
	if err != nil {
		return r.result(err)
	}
	r.iface.TuneEAPOL(timing(n))
	return replyOK
}
