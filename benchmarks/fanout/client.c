/* The listening tabs and the one who makes them hear: opens WebSockets, has messages sent through the server's control
 * port, and checks that every tab gets every message of its chat once and in order.
 *
 *   client <port> <control port> <sockets> <chats> <inflate 0|1> window <messages in flight> <seconds>
 *   client <port> <control port> <sockets> <chats> <inflate 0|1> rate <messages a second> <seconds>
 *
 * A message is asked for by a record of its chat, its number in the chat and the present time. It comes back as a text
 * that begins with the three as "%010u %010u %020llu ". Prints one JSON object. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define FINE 32               /* buckets for each doubling: a latency is known to 3 % */
#define RING (1 << 16)        /* messages of a chat that may be on their way */
#define HANDSHAKES 64         /* at once */

struct record { uint32_t chat, number; uint64_t stamp; };
struct tab { int fd; uint32_t chat, next; unsigned char *kept; size_t size, room; z_stream *inflate; };

static struct tab *tabs;
static unsigned count, chats;
static uint32_t *last;        /* number of the newest message of each chat */
static uint32_t *left_over;   /* tabs that have not got a message yet, by chat and number */
static uint64_t histogram[64 * FINE], deliveries, lost, doubled, finished;
static unsigned char received[1 << 18], plain[1 << 16];

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void fail(const char *what) { perror(what); exit(2); }

static unsigned bucket(uint64_t ns) {
  unsigned power = 63 - __builtin_clzll(ns | 1);
  return power < 5 ? (unsigned)ns : power * FINE + ((ns >> (power - 5)) & (FINE - 1));
}

static double percentile(double share) {
  uint64_t wanted = deliveries * share, seen = 0;
  for (unsigned i = 0; i < 64 * FINE; i++)
    if ((seen += histogram[i]) > wanted) {
      unsigned power = i / FINE;
      return (power < 5 ? i : (double)(1ull << power) * (1 + (i % FINE + 0.5) / FINE)) / 1000;
    }
  return 0;
}

static int dial(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static void shake_hands(int port, int compress) {
  char request[1024], answer[4096];
  for (unsigned first = 0; first < count; first += HANDSHAKES) {
    unsigned end = first + HANDSHAKES < count ? first + HANDSHAKES : count;
    for (unsigned i = first; i < end; i++) {
      struct tab *tab = &tabs[i];
      tab->fd = dial(port);
      tab->chat = i % chats;
      tab->next = 1;
      int size = snprintf(request, sizeof request,
        "GET /tab?chat=%u&person=%u HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
        tab->chat + 1, i + 1, port, port,
        compress ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "");
      if (write(tab->fd, request, size) != size) fail("handshake");
    }
    for (unsigned i = first; i < end; i++) {
      size_t size = 0;
      do { /* byte by byte, since frames may follow at once */
        if (read(tabs[i].fd, answer + size, 1) != 1) fail("handshake");
        size++;
      } while (size < sizeof answer - 1 && (size < 4 || memcmp(answer + size - 4, "\r\n\r\n", 4)));
      answer[size] = 0;
      if (strncmp(answer, "HTTP/1.1 101", 12)) { fprintf(stderr, "%s", answer); exit(2); }
      if (compress && strcasestr(answer, "permessage-deflate")) {
        tabs[i].inflate = calloc(1, sizeof(z_stream));
        inflateInit2(tabs[i].inflate, -15);
      }
    }
  }
}

static void take(struct tab *tab, const char *text) {
  unsigned chat, number;
  unsigned long long stamp;
  if (sscanf(text, "%10u %10u %20llu", &chat, &number, &stamp) != 3 || chat != tab->chat) return;
  if (number < tab->next) { doubled++; return; }
  lost += number - tab->next; /* one that still comes is then counted as doubled: out of order is an error too */
  tab->next = number + 1;
  histogram[bucket(now() - stamp)]++;
  deliveries++;
  if (!--left_over[(uint64_t)chat * RING + number % RING]) finished++;
}

static void hear(struct tab *tab, unsigned char first, unsigned char *payload, size_t size) {
  if ((first & 15) == 9) { /* a ping: answer it as a browser does */
    unsigned char pong[6] = {0x8a, 0x80};
    if (write(tab->fd, pong, 6) != 6) fail("pong");
  }
  if ((first & 15) != 1 || !size) return;
  if (!(first & 0x40)) { take(tab, (char *)payload); return; }
  static unsigned char whole[1 << 16];
  memcpy(whole, payload, size);
  memcpy(whole + size, "\0\0\xff\xff", 4);
  tab->inflate->next_in = whole;
  tab->inflate->avail_in = size + 4;
  tab->inflate->next_out = plain;
  tab->inflate->avail_out = sizeof plain;
  if (inflate(tab->inflate, Z_SYNC_FLUSH) < 0) fail("inflate");
  take(tab, (char *)plain);
}

static size_t parse(struct tab *tab, unsigned char *bytes, size_t size) {
  size_t at = 0;
  for (;;) {
    size_t head = 2;
    if (size - at < 2) return at;
    uint64_t length = bytes[at + 1] & 127;
    if (length >= 126) {
      head = length == 126 ? 4 : 10;
      if (size - at < head) return at;
      length = 0;
      for (size_t i = 2; i < head; i++) length = length << 8 | bytes[at + i];
    }
    if (size - at < head + length) return at;
    hear(tab, bytes[at], bytes + at + head, length);
    at += head + length;
  }
}

static void listen_to(struct tab *tab) {
  ssize_t got = recv(tab->fd, received, sizeof received, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) { fprintf(stderr, "a tab was hung up on\n"); exit(2); }
  unsigned char *bytes = received;
  size_t size = got;
  if (tab->size) { /* what was left of the last time comes first */
    if (tab->size + size > tab->room) tab->kept = realloc(tab->kept, tab->room = (tab->size + size) * 2);
    memcpy(tab->kept + tab->size, received, size);
    bytes = tab->kept;
    size += tab->size;
  }
  size_t used = parse(tab, bytes, size);
  tab->size = size - used;
  if (!tab->size) return;
  if (tab->size > tab->room) tab->kept = realloc(tab->kept, tab->room = tab->size * 2);
  memmove(tab->kept, bytes + used, tab->size);
}

int main(int argc, char **argv) {
  if (argc != 9) { fprintf(stderr, "usage: see the source\n"); return 2; }
  int port = atoi(argv[1]), window = 0;
  count = atoi(argv[3]);
  chats = atoi(argv[4]);
  double rate = 0, seconds = atof(argv[8]);
  if (!strcmp(argv[6], "window")) window = atoi(argv[7]); else rate = atof(argv[7]);
  tabs = calloc(count, sizeof *tabs);
  last = calloc(chats, sizeof *last);
  left_over = calloc((uint64_t)chats * RING, sizeof *left_over);
  shake_hands(port, atoi(argv[5]));
  int control = dial(atoi(argv[2])), epoll = epoll_create1(0);
  for (unsigned i = 0; i < count; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &tabs[i]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, tabs[i].fd, &event);
  }
  usleep(500000);
  static struct epoll_event events[1024];
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  uint64_t begin = now(), end = begin + seconds * 1e9, sent = 0, turn = 0, heard_at = begin;
  for (;;) {
    uint64_t time = now();
    if (time >= end && (finished == sent || time > end + 10000000000ull)) break;
    while (time < end && (window ? sent - finished < (uint64_t)window : begin + sent * 1e9 / rate <= time)) {
      uint32_t chat = turn++ % chats;
      struct record record = {chat, ++last[chat], window ? now() : (uint64_t)(begin + sent * 1e9 / rate)};
      left_over[(uint64_t)chat * RING + record.number % RING] = count / chats;
      if (write(control, &record, sizeof record) != sizeof record) fail("control");
      sent++;
    }
    /* At a rate it does not sleep: its core is its own, and nothing shall be late on its account. */
    int ready = epoll_wait(epoll, events, 1024, window ? 100 : 0);
    for (int i = 0; i < ready; i++) listen_to(events[i].data.ptr);
    if (ready > 0) heard_at = now();
  }
  getrusage(RUSAGE_SELF, &after);
  double took = (heard_at - begin) / 1e9, busy = 0;
  struct timeval *times[] = {&before.ru_utime, &before.ru_stime, &after.ru_utime, &after.ru_stime};
  for (int i = 0; i < 4; i++) busy += (i < 2 ? -1 : 1) * (times[i]->tv_sec + times[i]->tv_usec / 1e6);
  printf("{\"messages\": %lu, \"deliveries\": %lu, \"seconds\": %.3f, \"per_second\": %.1f, \"missing\": %lu, \"lost\": %lu, "
         "\"doubled\": %lu, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"busy\": %.2f}\n",
         sent, deliveries, took, deliveries / took, sent - finished, lost, doubled, percentile(0.5), percentile(0.99),
         percentile(0.999), busy / took);
  return 0;
}
