/*
 * A ClickHouse that is asked through its standard input: libchdb with a
 * process of its own, so that its processor time and memory can be told.
 *
 *   clickhouse FOLDER
 *
 *   in    BYTES '\n' SQL
 *   out   ("ok" | "error") ' ' NANOSECONDS ' ' BYTES '\n' ANSWER
 *
 * The nanoseconds are from the call until the whole answer, CSV with a line of
 * names, is in memory. It ends with its input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is called of the library; it brings no header. */
typedef struct chdb_connection_ *chdb_connection;
typedef struct chdb_result_ chdb_result;
chdb_connection *chdb_connect(int argc, char **argv);
void chdb_close_conn(chdb_connection *conn);
chdb_result *chdb_query(chdb_connection conn, const char *sql, const char *format);
char *chdb_result_buffer(chdb_result *result);
size_t chdb_result_length(chdb_result *result);
const char *chdb_result_error(chdb_result *result);
void chdb_destroy_query_result(chdb_result *result);

static long long now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "usage: clickhouse FOLDER\n");
		return 2;
	}
	char path[4096];
	if (snprintf(path, sizeof path, "--path=%s", argv[1]) >= (int)sizeof path) {
		fprintf(stderr, "clickhouse: the name of the folder is too long\n");
		return 2;
	}
	char *args[] = {"clickhouse", path};
	chdb_connection *conn = chdb_connect(2, args);
	if (conn == NULL) {
		fprintf(stderr, "clickhouse: open %s: no connection\n", argv[1]);
		return 1;
	}
	size_t length;
	while (scanf("%zu", &length) == 1 && getchar() == '\n') {
		char *sql = calloc(1, length + 1);
		if (sql == NULL || fread(sql, 1, length, stdin) != length) {
			fprintf(stderr, "clickhouse: a question of %zu bytes does not come\n", length);
			return 1;
		}
		long long began = now();
		chdb_result *result = chdb_query(*conn, sql, "CSVWithNames");
		long long took = now() - began;
		const char *error = chdb_result_error(result);
		const char *answer = error ? error : chdb_result_buffer(result);
		size_t bytes = error ? strlen(error) : chdb_result_length(result);
		printf("%s %lld %zu\n", error ? "error" : "ok", took, bytes);
		fwrite(answer, 1, bytes, stdout);
		fflush(stdout);
		chdb_destroy_query_result(result);
		free(sql);
	}
	chdb_close_conn(conn);
	return 0;
}
