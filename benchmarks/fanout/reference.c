/* What a program in C makes of it: one epoll loop that writes each message to every socket of its chat.
 *
 *   reference <port> <control port> <each|join> <database|->
 *
 * "each" makes one send for each socket and frame; "join" one for all frames that a socket gets in one turn of the loop.
 * With a database every message is stored first, all that have come together in one transaction. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 16384 /* sockets, and chats */

struct record { uint32_t chat, number; uint64_t stamp; };
struct tab { int fd, open; char *waiting; size_t size, room; };
struct chat { int *members; int count; char *due; size_t size, room; };

static struct tab tabs[MOST * 2];
static struct chat chats[MOST];
static int epoll, joins, control = -1;
static sqlite3 *database;
static sqlite3_stmt *insert;
/* As the product's partial for a message: about 600 bytes. */
static const char *BODY =
  "<article class=\"message\" id=\"message-1\" data-author=\"7\" data-chat=\"3\" data-seq=\"12\" data-revision=\"12\" "
  "data-client-id=\"0123456789abcdef0123456789abcdef\"><span class=\"others-only\"><span class=\"avatar avatar-s\" "
  "aria-hidden=\"true\">ОІ</span></span><div class=\"bubble\"><p class=\"unseen message-author\">Оксана Їжакевич</p>"
  "<p class=\"message-body\">Привіт! Зустрінемось о шостій біля фонтана, я принесу каву та пиріжки.</p>"
  "<time datetime=\"2026-11-23T18:45:00.000+00:00\" data-style=\"time\">20:45</time></div></article>";

static void fail(const char *what) { perror(what); exit(2); }

static int open_door(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) fail("listen");
  return fd;
}

static void watch(int fd, uint32_t what) {
  struct epoll_event event = {.events = what, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) && epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event)) fail("epoll");
}

static void send_to(struct tab *tab, const char *bytes, size_t size) {
  if (!tab->size) {
    ssize_t sent = send(tab->fd, bytes, size, MSG_NOSIGNAL);
    if (sent == (ssize_t)size) return;
    if (sent < 0 && errno != EAGAIN) return;
    if (sent > 0) bytes += sent, size -= sent;
    watch(tab->fd, EPOLLIN | EPOLLOUT);
  }
  if (tab->size + size > tab->room) tab->waiting = realloc(tab->waiting, tab->room = (tab->size + size) * 2);
  memcpy(tab->waiting + tab->size, bytes, size);
  tab->size += size;
}

static void flush(struct tab *tab) {
  ssize_t sent = send(tab->fd, tab->waiting, tab->size, MSG_NOSIGNAL);
  if (sent <= 0) return;
  memmove(tab->waiting, tab->waiting + sent, tab->size -= sent);
  if (!tab->size) watch(tab->fd, EPOLLIN);
}

static void welcome(struct tab *tab) {
  /* Every client sends the key of RFC 6455, 1.3, so the answer is the one that stands there. */
  static const char *answer =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  char request[4096];
  ssize_t size = recv(tab->fd, request, sizeof request - 1, 0);
  if (size <= 0) { close(tab->fd); return; }
  request[size > 0 ? size : 0] = 0;
  if (tab->open) return; /* a pong */
  char *found = strstr(request, "chat=");
  struct chat *chat = &chats[found ? atoi(found + 5) : 0];
  chat->members = realloc(chat->members, (chat->count + 1) * sizeof *chat->members);
  chat->members[chat->count++] = tab->fd;
  tab->open = 1;
  send_to(tab, answer, strlen(answer));
}

static void store(const struct record *records, int count, const char *text) {
  sqlite3_exec(database, "BEGIN IMMEDIATE", 0, 0, 0);
  for (int i = 0; i < count; i++) {
    sqlite3_bind_int(insert, 1, records[i].chat);
    sqlite3_bind_int(insert, 2, records[i].number);
    sqlite3_bind_text(insert, 3, text, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) { fprintf(stderr, "%s\n", sqlite3_errmsg(database)); exit(2); }
    sqlite3_reset(insert);
  }
  if (sqlite3_exec(database, "COMMIT", 0, 0, 0)) { fprintf(stderr, "%s\n", sqlite3_errmsg(database)); exit(2); }
}

static void say(void) {
  static struct record records[4096];
  static size_t kept;
  static char frame[4096];
  ssize_t got = recv(control, (char *)records + kept, sizeof records - kept, 0);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN) return;
    epoll_ctl(epoll, EPOLL_CTL_DEL, control, 0);
    close(control);
    control = -1;
    for (int i = 0; i < MOST; i++) chats[i].count = 0; /* the client is done; the next one begins anew */
    return;
  }
  int count = (kept + got) / sizeof *records;
  if (database) store(records, count, BODY);
  for (int i = 0; i < count; i++) {
    struct chat *chat = &chats[records[i].chat + 1];
    int size = snprintf(frame + 4, sizeof frame - 4, "%010u %010u %020lu %s", records[i].chat, records[i].number,
                        records[i].stamp, BODY);
    frame[0] = (char)0x81;
    frame[1] = 126;
    frame[2] = size >> 8;
    frame[3] = size;
    if (!joins) {
      for (int member = 0; member < chat->count; member++) send_to(&tabs[chat->members[member]], frame, size + 4);
      continue;
    }
    if (chat->size + size + 4 > chat->room) chat->due = realloc(chat->due, chat->room = (chat->size + size + 4) * 2);
    memcpy(chat->due + chat->size, frame, size + 4);
    chat->size += size + 4;
  }
  for (int i = 0; joins && i < count; i++) {
    struct chat *chat = &chats[records[i].chat + 1];
    for (int member = 0; chat->size && member < chat->count; member++)
      send_to(&tabs[chat->members[member]], chat->due, chat->size);
    chat->size = 0;
  }
  size_t used = count * sizeof *records;
  memmove(records, (char *)records + used, kept = kept + got - used);
}

int main(int argc, char **argv) {
  if (argc != 5) { fprintf(stderr, "usage: see the source\n"); return 2; }
  joins = !strcmp(argv[3], "join");
  epoll = epoll_create1(0);
  if (strcmp(argv[4], "-")) {
    if (sqlite3_open(argv[4], &database)) fail("database");
    sqlite3_exec(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                 "CREATE TABLE said (id INTEGER PRIMARY KEY, chat INT, number INT, body TEXT)", 0, 0, 0);
    sqlite3_prepare_v2(database, "INSERT INTO said (chat, number, body) VALUES (?, ?, ?)", -1, &insert, 0);
  }
  int door = open_door(atoi(argv[1])), side_door = open_door(atoi(argv[2])), one = 1;
  watch(door, EPOLLIN);
  watch(side_door, EPOLLIN);
  static struct epoll_event events[1024];
  for (;;) {
    int ready = epoll_wait(epoll, events, 1024, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == door || fd == side_door) {
        int new = accept4(fd, 0, 0, SOCK_NONBLOCK);
        if (new < 0) continue;
        setsockopt(new, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (fd == side_door) control = new; else tabs[new] = (struct tab){.fd = new};
        watch(new, EPOLLIN);
      } else if (fd == control) {
        say();
      } else {
        if (events[i].events & EPOLLOUT) flush(&tabs[fd]);
        if (events[i].events & EPOLLIN) welcome(&tabs[fd]);
      }
    }
  }
}
