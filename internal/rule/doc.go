// Package rule is what a question needs to be asked again and again, and to be
// believed only when it says the same for a while.
//
// A rule's question ends in a condition: "… | stats count by http_route | where
// count > 10". What stands before it measures, one row for each instance
// (http_route=/v1/charges); the condition judges each row. A Machine steps the
// states of the instances over such rows:
//
//	quiet ──fires──► pending ──for──► firing ──clear, keep_for──► quiet
//	  │                 └─not any more─► quiet        │
//	  └──── no row any more, no_data: fire ────► no data
//
// Everything here is a function of its arguments: live evaluation, backtests and
// tests of rules go through the same Step.
package rule
