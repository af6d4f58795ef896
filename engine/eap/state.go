package eap

// State is a state of the peer state machine (RFC 4137, figure 3). Between
// inputs a machine rests in StateDisabled, StateIdle, StateSuccess or StateFailure.
type State uint8

// States.
const (
	StateDisabled State = iota
	StateInitialize
	StateIdle
	StateReceived
	StateGetMethod
	StateMethod
	StateSendResponse
	StateDiscard
	StateIdentity
	StateNotification
	StateRetransmit
	StateSuccess
	StateFailure
)

// String returns the spelling of status reports, e.g. "IDLE".
func (s State) String() string {
	names := [...]string{"DISABLED", "INITIALIZE", "IDLE", "RECEIVED", "GET_METHOD", "METHOD", "SEND_RESPONSE", "DISCARD",
		"IDENTITY", "NOTIFICATION", "RETRANSMIT", "SUCCESS", "FAILURE"}
	if int(s) < len(names) {
		return names[s]
	}
	return "UNKNOWN"
}
