/* What a program in C makes of it: one epoll loop that writes each message to every socket of its chat.
 *
 *   reference <port> <control port> [--join] [--store <database>]
 *
 * It makes one send for each socket and frame; with --join one for all frames that a socket gets in one turn of the
 * loop. With --store it first inserts what it is asked for into SQLite: all that has come together in one transaction,
 * durably. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

#define SOCKETS 32768 /* descriptors, and chats */
#define RECORDS 4096
#define REQUEST 4096

struct bytes { char *at; size_t size, room; };

struct tab {
  int open;
  uint32_t chat, place; /* where it stands among the chat's members */
  struct bytes waiting; /* before the handshake what was read of it, then what the socket did not take */
};

struct chat {
  int *members;
  uint32_t count, room;
  struct bytes due; /* when joining: the frames of this turn */
};

static struct tab tabs[SOCKETS];
static struct chat chats[SOCKETS];
static int epoll, joins, control = -1;
static sqlite3 *database;
static sqlite3_stmt *insert;

/* A message as the product's templates make it: 623 with what say() puts before it. */
static const char *BODY =
  "<article class=\"message\" id=\"message-1\" data-author=\"7\" data-chat=\"3\" data-seq=\"12\" data-revision=\"12\" "
  "data-client-id=\"0123456789abcdef0123456789abcdef\"><span class=\"others-only\"><span class=\"avatar avatar-s\" "
  "aria-hidden=\"true\">ОІ</span></span><div class=\"bubble\"><p class=\"unseen message-author\">Оксана Їжакевич</p>"
  "<p class=\"message-body\">Привіт! Зустрінемось о шостій біля фонтана, я принесу каву та пиріжки.</p>"
  "<time datetime=\"2026-11-23T18:45:00.000+00:00\" data-style=\"time\">20:45</time></div>" ENDING;

static void fail(const char *what) { perror(what); exit(2); }

static void append(struct bytes *to, const char *more, size_t size) {
  if (to->size + size > to->room && !(to->at = realloc(to->at, to->room = (to->size + size) * 2))) fail("memory");
  memcpy(to->at + to->size, more, size);
  to->size += size;
}

/* --- the handshake: SHA-1 (FIPS 180-4) and base64 of the key and RFC 6455's number --- */

static uint32_t rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

static void sha1_block(uint32_t *state, const unsigned char *block) {
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
    static const uint32_t k[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t next = rotate(a, 5) + f + e + k[i / 20] + w[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void accept_key(const char *key, size_t size, char *answer) {
  static const char number[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  unsigned char text[128] = {0}, digest[21] = {0};
  memcpy(text, key, size); /* at most 64 bytes, so all of it fits two blocks */
  memcpy(text + size, number, sizeof number - 1);
  size += sizeof number - 1;
  text[size] = 0x80;
  int end = size + 9 > 64 ? 128 : 64;
  text[end - 2] = size * 8 >> 8;
  text[end - 1] = size * 8;
  for (int at = 0; at < end; at += 64) sha1_block(state, text + at);
  for (int i = 0; i < 20; i++) digest[i] = state[i / 4] >> (24 - 8 * (i % 4));
  for (int i = 0; i < 7; i++) {
    uint32_t three = digest[3 * i] << 16 | digest[3 * i + 1] << 8 | (3 * i + 2 < 21 ? digest[3 * i + 2] : 0);
    for (int j = 0; j < 4; j++) answer[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
  }
  answer[27] = '='; /* 20 bytes are 27 digits */
  answer[28] = 0;
}

/* --- sockets --- */

static void watch(int fd, int how, uint32_t what) {
  struct epoll_event event = {.events = what, .data.fd = fd};
  if (epoll_ctl(epoll, how, fd, &event)) fail("epoll");
}

static int open_door(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) fail("listen");
  watch(fd, EPOLL_CTL_ADD, EPOLLIN);
  return fd;
}

static int let_in(int door) {
  int fd = accept4(door, 0, 0, SOCK_NONBLOCK), one = 1;
  if (fd < 0) return -1;
  if (fd >= SOCKETS) { close(fd); return -1; }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  watch(fd, EPOLL_CTL_ADD, EPOLLIN);
  return fd;
}

static void drop(int fd) {
  struct tab *tab = &tabs[fd];
  if (tab->open) {
    struct chat *chat = &chats[tab->chat];
    int last = chat->members[--chat->count];
    chat->members[tab->place] = last;
    tabs[last].place = tab->place;
  }
  free(tab->waiting.at);
  *tab = (struct tab){0};
  close(fd);
}

static void send_to(int fd, const char *bytes, size_t size) {
  struct tab *tab = &tabs[fd];
  if (!tab->waiting.size) {
    ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent == (ssize_t)size) return;
    if (sent < 0 && errno != EAGAIN) return; /* it is gone; the loop is told so too */
    if (sent > 0) bytes += sent, size -= sent;
    watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  append(&tab->waiting, bytes, size);
}

static void send_rest(int fd) {
  struct bytes *waiting = &tabs[fd].waiting;
  ssize_t sent = send(fd, waiting->at, waiting->size, MSG_NOSIGNAL);
  if (sent <= 0) return;
  memmove(waiting->at, waiting->at + sent, waiting->size -= sent);
  if (!waiting->size) watch(fd, EPOLL_CTL_MOD, EPOLLIN);
}

static void shake_hands(int fd) {
  struct tab *tab = &tabs[fd];
  if (tab->waiting.size > REQUEST) { drop(fd); return; }
  append(&tab->waiting, "", 1); /* so that it can be searched as a text */
  tab->waiting.size--;
  char *request = tab->waiting.at, *chat = strstr(request, "chat=");
  char *key = strcasestr(request, "\r\nSec-WebSocket-Key: ");
  if (!strstr(request, "\r\n\r\n")) return;
  size_t size = key ? strcspn(key += 21, "\r") : 0;
  if (!chat || !size || size > 64 || atoi(chat + 5) <= 0 || atoi(chat + 5) >= SOCKETS) { drop(fd); return; }
  char accept[32], answer[256];
  accept_key(key, size, accept);
  tab->chat = atoi(chat + 5);
  struct chat *joined = &chats[tab->chat];
  if (joined->count == joined->room) {
    joined->members = realloc(joined->members, (joined->room = joined->room * 2 + 8) * sizeof *joined->members);
    if (!joined->members) fail("memory");
  }
  tab->place = joined->count;
  joined->members[joined->count++] = fd;
  tab->open = 1;
  tab->waiting.size = 0;
  int length = snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
  send_to(fd, answer, length);
}

static void listen_to(int fd) {
  char bytes[REQUEST];
  ssize_t got = recv(fd, bytes, sizeof bytes, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) { drop(fd); return; }
  if (tabs[fd].open) return; /* what pages say does not matter here */
  append(&tabs[fd].waiting, bytes, got);
  shake_hands(fd);
}

/* --- messages --- */

static void run(const char *sql) {
  if (sqlite3_exec(database, sql, 0, 0, 0)) { fprintf(stderr, "%s\n", sqlite3_errmsg(database)); exit(2); }
}

static void open_database(const char *path) {
  if (sqlite3_open(path, &database)) fail("database");
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE said (id INTEGER PRIMARY KEY, chat INT, number INT, body TEXT)");
  sqlite3_prepare_v2(database, "INSERT INTO said (chat, number, body) VALUES (?, ?, ?)", -1, &insert, 0);
}

static void store(const struct record *records, int count) {
  run("BEGIN IMMEDIATE");
  for (int i = 0; i < count; i++) {
    sqlite3_bind_int(insert, 1, records[i].chat);
    sqlite3_bind_int(insert, 2, records[i].number);
    sqlite3_bind_text(insert, 3, BODY, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) { fprintf(stderr, "%s\n", sqlite3_errmsg(database)); exit(2); }
    sqlite3_reset(insert);
  }
  run("COMMIT");
}

static void say(const struct record *record) {
  static char frame[4096] = {(char)0x81, 126};
  struct chat *chat = &chats[record->chat];
  int size = sprintf(frame + 4, BEGINNING "%s", record->chat, record->number, (unsigned long long)record->stamp, BODY);
  frame[2] = size >> 8;
  frame[3] = size;
  if (joins)
    append(&chat->due, frame, size + 4);
  else
    for (uint32_t i = 0; i < chat->count; i++) send_to(chat->members[i], frame, size + 4);
}

static void obey(void) {
  static struct record records[RECORDS];
  static size_t kept;
  ssize_t got = recv(control, (char *)records + kept, sizeof records - kept, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) { close(control); control = -1; kept = 0; return; }
  int count = (kept + got) / sizeof *records;
  for (int i = 0; i < count; i++) if (records[i].chat >= SOCKETS) exit(2);
  if (database && count) store(records, count);
  for (int i = 0; i < count; i++) say(&records[i]);
  for (int i = 0; joins && i < count; i++) {
    struct chat *chat = &chats[records[i].chat];
    for (uint32_t j = 0; chat->due.size && j < chat->count; j++)
      send_to(chat->members[j], chat->due.at, chat->due.size);
    chat->due.size = 0;
  }
  kept = kept + got - count * sizeof *records;
  memmove(records, records + count, kept);
}

int main(int argc, char **argv) {
  if (argc < 3) { fprintf(stderr, "usage: reference <port> <control port> [--join] [--store <database>]\n"); return 2; }
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing stays behind, however the benchmark ends */
  for (int i = 3; i < argc; i++) {
    if (!strcmp(argv[i], "--join")) joins = 1;
    if (!strcmp(argv[i], "--store") && i + 1 < argc) open_database(argv[++i]);
  }
  epoll = epoll_create1(0);
  int door = open_door(atoi(argv[1])), side_door = open_door(atoi(argv[2]));
  static struct epoll_event events[1024];
  for (;;) {
    int ready = epoll_wait(epoll, events, 1024, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == door) let_in(fd);
      else if (fd == side_door) control = let_in(fd);
      else if (fd == control) obey();
      else {
        if (events[i].events & EPOLLOUT) send_rest(fd);
        if (events[i].events & ~EPOLLOUT) listen_to(fd);
      }
    }
  }
}
