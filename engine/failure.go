package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/dot11"
)

// Phase is how far an attempt to connect had come.
type Phase uint8

// Phases of an attempt.
const (
	PhaseSelection Phase = iota
	PhaseAuthentication
	PhaseAssociation
	PhaseHandshake
	PhaseConnected
)

var phaseNames = [...]string{"selection", "authentication", "association", "handshake", "connected"}

func (p Phase) String() string { return phaseNames[p] }

// Party is who ended an attempt.
type Party uint8

// Parties.
const (
	ByPeer   Party = iota // the access point said no
	ByNobody              // there was no answer in time
	ByDevice              // the kernel or the device refused
	ByUs                  // a check of ours failed
	ByUser                // somebody asked for it
)

var partyNames = [...]string{"access point", "no answer", "device", "this station", "request"}

func (p Party) String() string { return partyNames[p] }

// Failure is the record of one attempt that failed: what to tell the user.
type Failure struct {
	At        time.Time
	NetworkID int
	SSID      dot11.SSID
	BSSID     dot11.MAC
	Freq      int // MHz
	Phase     Phase
	By        Party
	Code      int    // status or reason code, 0 for none
	CodeName  string // its name in the standard
	Cause     string // what went wrong, one clause
	Tried     string // how: key management and its details
	Took      time.Duration
	Count     int    // failures in a row of this network
	Next      string // what will be tried
	Advice    string // what the user could do, may be empty
	EAP       *EAPFailure

	unheard bool // the device has not heard the BSS for too long: nobody's fault
}

// EAPFailure is what the record of a failure in EAP tells besides.
type EAPFailure struct {
	Method  string // the outer method, empty before one was selected
	Inner   string // the one in the tunnel when it failed there, or empty
	Check   string // what failed, as in eap.Reason
	Alert   string // of TLS, or empty
	Subject string // of the certificate in question, or empty
}

// Line is the record as one line for logs and people.
func (f *Failure) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Connection to '%s' (%v, %d MHz) failed in %v after %d ms: %s", f.SSID, f.BSSID, f.Freq, f.Phase, f.Took.Milliseconds(), f.Cause)
	fmt.Fprintf(&b, " [by %v", f.By)
	if f.Code != 0 {
		fmt.Fprintf(&b, ", code %s", f.code())
	}
	if f.Tried != "" {
		fmt.Fprintf(&b, ", tried %s", f.Tried)
	}
	fmt.Fprintf(&b, ", failure %d]", f.Count)
	if f.Next != "" {
		b.WriteString("; next: " + f.Next)
	}
	if f.Advice != "" {
		b.WriteString("; " + f.Advice)
	}
	return b.String()
}

// code is the code with its name; names of the standard begin with the number.
func (f *Failure) code() string {
	if strings.HasPrefix(f.CodeName, strconv.Itoa(f.Code)) {
		return f.CodeName
	}
	return fmt.Sprintf("%d (%s)", f.Code, f.CodeName)
}

// maxFailures is how many records a network keeps.
const maxFailures = 8

// failures keeps the last records per network.
type failures struct {
	list map[*conf.Network][]*Failure // newest last
	last *Failure                     // of any network
}

func (fs *failures) add(n *conf.Network, f *Failure) {
	if fs.list == nil {
		fs.list = map[*conf.Network][]*Failure{}
	}
	l := append(fs.list[n], f)
	if len(l) > maxFailures {
		l = l[len(l)-maxFailures:]
	}
	fs.list[n], fs.last = l, f
}

func (fs *failures) count(n *conf.Network) int {
	l := fs.list[n]
	if len(l) == 0 {
		return 0
	}
	return l[len(l)-1].Count
}

// forget drops the records of a network.
func (fs *failures) forget(n *conf.Network) { delete(fs.list, n) }

// forgetFailures drops the records of a network that connected.
func (i *Interface) forgetFailures(n *conf.Network) {
	if len(i.failures.list[n]) > 0 {
		i.failures.forget(n)
		i.emit(FailuresForgotten{i, n})
	}
}

// LastFailure is the newest record of all, nil before any. It stays after a
// connection, as what went wrong last.
func (i *Interface) LastFailure() *Failure { return i.failures.last }

// Failures returns the last records of a network, the newest last.
func (i *Interface) Failures(n *conf.Network) []*Failure { return i.failures.list[n] }
