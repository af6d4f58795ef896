package ctrl

import "errors"

// powerVariables are variables of SET about saving power.
var powerVariables = map[string]func(*request, string) string{
	"ps":    (*request).setPowerSave,
	"uapsd": (*request).setUAPSD,
}

// setPowerSave: -1 changes nothing, 0 is off, 1 is on, and 2 leaves the rest to the
// device, which is what kernels mean by on.
func (r *request) setPowerSave(value string) string {
	n, err := number(value, -1, 2)
	if err != nil || n < 0 {
		return r.result(err)
	}
	r.later = true
	r.iface.SetPowerSave(n > 0, r.tell)
	return ""
}

// setUAPSD: "disable" leaves U-APSD to the kernel and its device, where it is: nl80211
// has no request for the queues of a station.
func (r *request) setUAPSD(value string) string {
	if value == "disable" {
		return replyOK
	}
	r.refused(errors.New("SET uapsd: the kernel takes no queues from a station"))
	return replyFail
}

// tell replies with a result that came later.
func (r *request) tell(err error) { r.reply(r.result(err)) }
