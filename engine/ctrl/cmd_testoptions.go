//go:build testoptions

package ctrl

import (
	"encoding/hex"
	"fmt"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

// testCommands let test programs act in the place of peers and drivers.
var testCommands = []command{
	{"DATA_TEST_CONFIG", withArg, onIface, (*request).dataTestConfig, "begins or ends the data test"},
	{"DATA_TEST_TX", withArg, onIface, (*request).dataTestTX, "sends a frame of the data test"},
	{"DATA_TEST_FRAME", withArg, onIface, (*request).dataTestFrame, "sends any Ethernet frame"},
	{"EAPOL_RX", withArg, onIface, (*request).eapolRX, "an EAPOL frame as if received"},
	{"EAPOL_TX", withArg, onIface, (*request).eapolTX, "sends an EAPOL frame"},
	{"MGMT_TX", withArg, onIface, (*request).mgmtTX, "sends an action frame"},
	{"MGMT_TX_DONE", exact, onIface, always(replyOK), "nothing keeps the channel that MGMT_TX used"},
	{"MGMT_RX_PROCESS", withArg, onIface, (*request).mgmtRXProcess, "a management frame as if received"},
	{"DRIVER_EVENT", withArg, onIface, (*request).driverEvent, "an event as if of the driver"},
	{"RESET_PN", exact, onIface, (*request).resetPN, "begins the packet numbers anew"},
	{"KEY_REQUEST", withArg, onIface, (*request).keyRequest, "sends a key request or MIC failure report"},
	{"RESEND_ASSOC", exact, onIface, (*request).resendAssoc, "sends the last association request again"},
	{"UNPROT_DEAUTH", exact, onIface, func(r *request) string { r.iface.UnprotectedDeauth(); return replyOK }, "an unprotected deauthentication as if received"},
	{"DROP_SA", exact, onIface, (*request).dropSA, "forgets all keys"},
	{"TEST_ASSOC_IE", exact | withArg, onIface, tampered(func(t *engine.Tamper, b []byte) { t.AssocElems = b }), "elements for association requests"},
	{"TEST_EAPOL_M2_ELEMS", exact | withArg, onIface, tampered(func(t *engine.Tamper, b []byte) { t.ElementsM2 = b }), "elements for message 2"},
	{"TEST_EAPOL_M4_ELEMS", exact | withArg, onIface, tampered(func(t *engine.Tamper, b []byte) { t.ElementsM4 = b }), "elements for message 4"},
	{"TEST_RSNXE_DATA", exact | withArg, onIface, (*request).testRSNXE, "bits of the RSNXE"},
	{"GET_TK", exact, onIface, (*request).getTK, "the last pairwise key"},
	{"GET_PREF_FREQ_LIST", withArg, onIface, (*request).getPreferred, "channels that the driver is told to prefer"},
	{"EVENT_TEST", withArg, onIface, (*request).eventTest, "sends events"},
	{"TEST_FAIL", exact | withArg, onIface, always(replyFail), "no function here fails by command"},
	{"TEST_ALLOC_FAIL", exact | withArg, onIface, always(replyFail), "no allocation here fails by command"},
	{"GET_FAIL", exact, onIface, always(replyFail), "no function here fails by command"},
	{"GET_ALLOC_FAIL", exact, onIface, always(replyFail), "no allocation here fails by command"},
}

// Bounds of what test programs hand over, bytes.
const (
	maxTestElements = 2000
	maxTestFrame    = 2300
)

// octets reads hexadecimal digits.
func octets(s string, most int) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) > most {
		return nil, invalid("hexadecimal digits")
	}
	return b, nil
}

// tampered makes a handler of elements in hexadecimal digits, none to end it.
func tampered(set func(*engine.Tamper, []byte)) func(*request) string {
	return func(r *request) string {
		b, err := octets(r.arg, maxTestElements)
		if err != nil {
			return r.result(err)
		}
		return r.result(r.iface.Tamper(func(t *engine.Tamper) error { set(t, b); return nil }))
	}
}

// finish is for calls that tell their end later.
func (r *request) finish(call func(done func(error))) string {
	r.later = true
	call(func(err error) { r.reply(r.result(err)) })
	return ""
}

// dataTestConfig: 0 or 1 [ifname=<name>].
func (r *request) dataTestConfig() string {
	word, rest, _ := strings.Cut(r.arg, " ")
	on, err := bit(word)
	if err != nil {
		return r.result(err)
	}
	name, _ := parseOptions(rest).get("ifname")
	return r.finish(func(done func(error)) { r.iface.DataTest(on, name, done) })
}

// dataTestTX: <destination> <source> <type of service> [len=<total length>].
func (r *request) dataTestTX() string {
	words := strings.Fields(r.arg)
	if len(words) < 3 {
		return r.result(invalid("number of words"))
	}
	dst, err1 := dot11.ParseMAC(words[0])
	src, err2 := dot11.ParseMAC(words[1])
	tos, err3 := number(words[2], 0, 255)
	total := 0
	if v, ok := options(words[3:]).get("len"); ok && err3 == nil {
		total, err3 = number(v, 1, maxInt)
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return r.result(invalid("data test"))
	}
	return r.finish(func(done func(error)) { r.iface.SendDataTest(dst, src, uint8(tos), total, done) })
}

func (r *request) dataTestFrame() string {
	b, err := octets(r.arg, maxTestFrame)
	if err != nil {
		return r.result(err)
	}
	return r.finish(func(done func(error)) { r.iface.SendDataFrame(b, done) })
}

// addressed reads an address and octets.
func (r *request) addressed() (addr dot11.MAC, b []byte, err error) {
	word, digits, _ := strings.Cut(r.arg, " ")
	if addr, err = dot11.ParseMAC(word); err != nil {
		return addr, nil, invalid("address")
	}
	b, err = octets(digits, maxTestFrame)
	if err == nil && len(b) == 0 {
		err = invalid("frame: empty")
	}
	return addr, b, err
}

func (r *request) eapolRX() string {
	src, pdu, err := r.addressed()
	if err == nil {
		r.iface.EAPOLHeard(src, pdu)
	}
	return r.result(err)
}

func (r *request) eapolTX() string {
	dst, pdu, err := r.addressed()
	if err != nil {
		return r.result(err)
	}
	return r.finish(func(done func(error)) { r.iface.SendTestEAPOL(dst, pdu, done) })
}

// mgmtTX: <da> <bssid> [freq=] [wait_time=] [no_cck=] action=<hex>. The device
// stays on the channel of the link: it does not wait on another one, and chooses
// the rate itself.
func (r *request) mgmtTX() string {
	words := strings.Fields(r.arg)
	if len(words) < 3 {
		return r.result(invalid("number of words"))
	}
	da, err1 := dot11.ParseMAC(words[0])
	bssid, err2 := dot11.ParseMAC(words[1])
	o := options(words[2:])
	digits, _ := o.get("action")
	body, err3 := octets(digits, maxTestFrame)
	var freq, wait int
	var err4, err5 error
	if v, ok := o.get("freq"); ok {
		freq, err4 = number(v, 0, 1<<20)
	}
	if v, ok := o.get("wait_time"); ok {
		wait, err5 = number(v, 0, maxInt)
	}
	cck, _ := o.get("no_cck")
	l := r.iface.Link()
	switch {
	case err1 != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil || len(body) == 0:
		return r.result(invalid("action frame"))
	case wait > 0 && freq != 0 && (l == nil || l.Freq != freq), cck != "" && cck != "0":
		return r.result(engine.ErrNotSupported)
	}
	return r.finish(func(done func(error)) { r.iface.SendTestFrame(da, bssid, freq, body, done) })
}

// mgmtRXProcess: freq= datarate= ssi_signal= frame=<hex>.
func (r *request) mgmtRXProcess() string {
	o := parseOptions(r.arg)
	digits, _ := o.get("frame")
	frame, err := octets(digits, maxTestFrame)
	var freq, signal int
	if v, ok := o.get("freq"); ok && err == nil {
		freq, err = number(v, 0, 1<<20)
	}
	if v, ok := o.get("ssi_signal"); ok && err == nil {
		signal, err = number(v, -127, 127)
	}
	if err != nil {
		return r.result(err)
	}
	return r.result(r.iface.ProcessFrame(frame, freq, signal))
}

func (r *request) resetPN() string { return r.finish(r.iface.ResetPN) }

func (r *request) resendAssoc() string { return r.finish(r.iface.ResendAssociation) }

// keyRequest: <error> <pairwise>, each 0 or 1.
func (r *request) keyRequest() string {
	first, second, _ := strings.Cut(r.arg, " ")
	failure, err1 := bit(first)
	pairwise, err2 := bit(second)
	if err1 != nil || err2 != nil {
		return r.result(invalid("key request"))
	}
	return r.result(r.iface.KeyRequest(pairwise, failure))
}

// dropSA always says OK, as there is nothing to drop without keys.
func (r *request) dropSA() string {
	if err := r.iface.DropSA(); err != nil {
		r.refused(err)
	}
	return replyOK
}

// testRSNXE: <data> <mask>, or nothing to end it.
func (r *request) testRSNXE() string {
	first, second, _ := strings.Cut(r.arg, " ")
	data, err1 := octets(first, 16)
	mask, err2 := octets(second, 16)
	if err1 != nil || err2 != nil {
		return r.result(invalid("RSNXE data"))
	}
	return r.result(r.iface.Tamper(func(t *engine.Tamper) error { t.RSNXEData, t.RSNXEMask = data, mask; return nil }))
}

func (r *request) getTK() string {
	if k := r.iface.LastTK(); k != "" {
		return k
	}
	return replyFail
}

// maxEventTest bounds EVENT_TEST.
const maxEventTest = 10000

// eventTest: <count>.
func (r *request) eventTest() string {
	n, err := number(r.arg, 1, maxEventTest)
	if err != nil {
		return r.result(err)
	}
	for k := range n {
		r.srv.tell(r.iface.Interface, logs.LevelInfo, fmt.Sprintf("TEST-EVENT-MESSAGE %d/%d", k+1, n))
	}
	return replyOK
}

// testValue answers GET of what only test programs ask for.
func (r *request) testValue() (string, bool) {
	switch r.arg {
	case "gtk":
		if k := r.iface.LastGTK(); k != "" {
			return k, true
		}
		return replyFail, true
	case "anonce":
		return fmt.Sprintf("%x", r.iface.ANonce()), true
	case "last_tk_key_idx":
		return fmt.Sprint(r.iface.LastTKIndex()), true
	}
	return "", false
}
