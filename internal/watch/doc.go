// Package watch drives rules: it asks their questions, steps their states, turns
// what begins and ends into incidents and notices, saves all of it in one
// transaction and hands on.
//
//	ask ──► rule.Step ──► incident.Absorb ──► one transaction ──► outbox ──► notify
//	        states        incidents, notices   state, incidents,
//	                                           changes, outbox
//
// Backtests and tests of rules go through the same rule.Machine and
// incident.Book, over lines of the past and over lines of a file.
package watch
