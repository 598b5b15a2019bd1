// Package incident turns alerts that begin and end into incidents, and into the
// few notices that people should get of them.
//
//	critical fires ──► burning ──► ended ──join──► needs cause ──► needs class ──► needs follow-up ──► done
//	                      ▲          │
//	                      └──────────┘ fires again within join: an episode
//
// Only rules end an incident. What people do is to acknowledge it, to say why it
// was, of which class it is, and what will be done. Everything here is a function
// of its arguments: live, backtest and tests go through the same Book.
package incident
