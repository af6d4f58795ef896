package ctrl

// laterCommands need an association or a part that is not built: they answer
// what upstream answers where there is none. Everything else that is missing is
// an unknown command.
var laterCommands = []command{
	{"VENDOR", withArg, onIface, always(replyFail), "no driver here takes vendor commands"},
	{"GET_PREF_FREQ_LIST", withArg, onIface, always(replyFail), "no driver here has preferences"},
	{"MLO_STATUS", exact, onIface, always(replyFail), "needs a multi-link association"},
	{"MLO_SIGNAL_POLL", exact, onIface, always(replyFail), "needs a multi-link association"},
	{"NEIGHBOR_REP_REQUEST", prefix, onIface, always(replyFail), "needs an association"},
	{"STA-FIRST", exact, onIface, always(replyFail), "needs an access point"},
	{"STA-NEXT", withArg, onIface, always(replyFail), "needs an access point"},
	{"STA", withArg, onIface, always(replyFail), "needs an access point"},
}
