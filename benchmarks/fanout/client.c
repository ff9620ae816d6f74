/* The listening tabs and the one who makes them hear: opens WebSockets, has messages sent through the server's control
 * port, and checks that every tab gets every message of its chat whole, once and in order.
 *
 *   client <port> <control port> <sockets> <chats> [--inflate]
 *
 * Then it obeys lines from its standard input, and answers each with a line of JSON:
 *
 *   window <messages in flight> <seconds>     a message is finished when all its listeners have it
 *   even <messages a second> <seconds>        whether or not the earlier ones have arrived
 *   poisson <messages a second> <seconds>     the same, at random moments that are the same in every run
 *
 * Messages go round the chats in turn. At a rate a latency counts from the moment at which the message was due. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "message.h"

#define FINE 32         /* buckets for each doubling: a latency is known to 3 % */
#define RING (1 << 16)  /* messages of a chat that may be on their way */
#define HANDSHAKES 64   /* at once */
#define PATIENCE 20e9   /* nanoseconds for what is still on its way at the end */
#define BUFFER (1 << 18)

struct tab { int fd; uint32_t chat, next; unsigned char *kept; size_t size, room; z_stream *inflate; };

static struct tab *tabs;
static uint32_t count, chats, *last, *listeners, *missing; /* by chat; missing by chat and place in the ring */
static uint64_t histogram[64 * FINE], deliveries, lost, repeated, spoilt, sent, finished;
static unsigned char received[BUFFER], inflated[BUFFER];
static int control, ordered; /* ordered: there is something to read on the standard input */
static struct record due[RING]; /* what the control port has not taken yet */
static size_t due_size;

static void fail(const char *what) { perror(what); exit(2); }

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static double processor_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* --- latencies: a power of two, and a 32nd part of the way to the next --- */

static unsigned bucket(uint64_t ns) {
  unsigned power = 63 - __builtin_clzll(ns | 1);
  return power < 5 ? (unsigned)ns : power * FINE + ((ns >> (power - 5)) & (FINE - 1));
}

static double percentile(double share) { /* in milliseconds */
  uint64_t wanted = deliveries * share, seen = 0;
  for (unsigned i = 0; i < 64 * FINE; i++)
    if ((seen += histogram[i]) > wanted)
      return (i < 5 * FINE ? i : ldexp(1 + (i % FINE + 0.5) / FINE, i / FINE)) / 1e6;
  return 0;
}

/* --- opening --- */

static int dial(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct timeval patience = {.tv_sec = 30};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

static void ask(struct tab *tab, int port, uint32_t person, int compress) {
  char request[1024];
  int size = snprintf(request, sizeof request,
    "GET /tab?chat=%u&person=%u HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
    tab->chat, person, port, port,
    compress ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "");
  tab->fd = dial(port);
  if (write(tab->fd, request, size) != size) fail("handshake");
}

static void be_answered(struct tab *tab, int compress) {
  char answer[4096] = "";
  size_t size = 0;
  do { /* byte by byte, since frames may follow at once */
    if (read(tab->fd, answer + size, 1) != 1) fail("handshake");
    size++;
  } while (size < sizeof answer - 1 && (size < 4 || memcmp(answer + size - 4, "\r\n\r\n", 4)));
  /* The answer to the key of RFC 6455, 1.3. */
  if (strncmp(answer, "HTTP/1.1 101", 12) || !strstr(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
    fprintf(stderr, "%s", answer);
    exit(2);
  }
  int agreed = strcasestr(answer, "permessage-deflate") != 0;
  if (agreed != compress && agreed) { fprintf(stderr, "compression that was not asked for\n"); exit(2); }
  if (agreed && (!(tab->inflate = calloc(1, sizeof(z_stream))) || inflateInit2(tab->inflate, -15))) fail("inflate");
}

static void open_tabs(int port, int compress) {
  for (uint32_t first = 0; first < count; first += HANDSHAKES) {
    uint32_t end = first + HANDSHAKES < count ? first + HANDSHAKES : count;
    for (uint32_t i = first; i < end; i++) {
      tabs[i] = (struct tab){.chat = i % chats + 1, .next = 1};
      listeners[tabs[i].chat]++;
      ask(&tabs[i], port, i + 1, compress);
    }
    for (uint32_t i = first; i < end; i++) be_answered(&tabs[i], compress);
  }
}

/* --- hearing --- */

static int number_at(const unsigned char **text, int digits, uint64_t *number) {
  for (*number = 0; digits--; (*text)++) {
    if (**text < '0' || **text > '9') return 0;
    *number = *number * 10 + **text - '0';
  }
  return *(*text)++ == ' ';
}

static void take(struct tab *tab, const unsigned char *text, size_t size, uint64_t time) {
  uint64_t chat, number, stamp;
  size_t ending = sizeof ENDING - 1;
  if (size < BEGINNING_SIZE + ending || !number_at(&text, 10, &chat) || !number_at(&text, 10, &number) ||
      !number_at(&text, 20, &stamp) || chat != tab->chat || number > last[chat] ||
      memcmp(text + size - BEGINNING_SIZE - ending, ENDING, ending)) {
    spoilt++;
    return;
  }
  if (number < tab->next) { repeated++; return; }
  lost += number - tab->next; /* one that still comes then counts as repeated: out of order is an error too */
  tab->next = number + 1;
  histogram[bucket(time - stamp)]++;
  deliveries++;
  if (!--missing[chat * RING + number % RING]) finished++;
}

static void hear(struct tab *tab, unsigned char first, unsigned char *payload, size_t size, uint64_t time) {
  if ((first & 15) == 9) { /* a ping: answer it as a browser does */
    static const unsigned char pong[6] = {0x8a, 0x80};
    if (write(tab->fd, pong, sizeof pong) != sizeof pong) fail("pong");
    return;
  }
  if (first == 0x81 && !size) return; /* World IT's heartbeat */
  if (first == 0x81) { take(tab, payload, size, time); return; }
  if (first != 0xc1 || !tab->inflate) { spoilt++; return; }
  static unsigned char whole[BUFFER + 4];
  memcpy(whole, payload, size);
  memcpy(whole + size, "\0\0\xff\xff", 4);
  tab->inflate->next_in = whole;
  tab->inflate->avail_in = size + 4;
  tab->inflate->next_out = inflated;
  tab->inflate->avail_out = sizeof inflated;
  if (inflate(tab->inflate, Z_SYNC_FLUSH) < 0) fail("inflate");
  take(tab, inflated, sizeof inflated - tab->inflate->avail_out, time);
}

static size_t parse(struct tab *tab, unsigned char *bytes, size_t size, uint64_t time) {
  for (size_t at = 0;;) {
    if (size - at < 2) return at;
    uint64_t length = bytes[at + 1] & 127;
    size_t head = length < 126 ? 2 : length == 126 ? 4 : 10;
    if (size - at < head) return at;
    if (head > 2) length = 0;
    for (size_t i = 2; i < head; i++) length = length << 8 | bytes[at + i];
    if (length > BUFFER / 2) { fprintf(stderr, "a frame too long\n"); exit(2); }
    if (size - at < head + length) return at;
    hear(tab, bytes[at], bytes + at + head, length, time);
    at += head + length;
  }
}

static void keep_room(struct tab *tab, size_t size) {
  if (size > tab->room && !(tab->kept = realloc(tab->kept, tab->room = size * 2))) fail("memory");
}

static int listen_to(struct tab *tab) { /* whether there may be more */
  ssize_t got = recv(tab->fd, received, sizeof received, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) { fprintf(stderr, "a tab was hung up on\n"); exit(2); }
  uint64_t time = now();
  unsigned char *bytes = received;
  size_t size = got;
  if (tab->size) { /* what was left of the last time comes first */
    keep_room(tab, tab->size + size);
    memcpy(tab->kept + tab->size, received, size);
    bytes = tab->kept;
    size += tab->size;
  }
  size_t used = parse(tab, bytes, size, time);
  if ((tab->size = size - used)) {
    keep_room(tab, tab->size);
    memmove(tab->kept, bytes + used, tab->size);
  }
  return got == sizeof received;
}

/* --- saying --- */

static void say(uint64_t stamp) {
  static uint64_t turn;
  uint32_t chat = turn++ % chats + 1, number = ++last[chat];
  if (due_size == sizeof due || missing[(uint64_t)chat * RING + number % RING]) {
    fprintf(stderr, "more is on its way than the client can keep count of\n");
    exit(2);
  }
  missing[(uint64_t)chat * RING + number % RING] = listeners[chat];
  due[due_size / sizeof *due] = (struct record){chat, number, stamp};
  due_size += sizeof *due;
  sent++;
}

static void send_due(void) {
  if (!due_size) return;
  ssize_t taken = send(control, due, due_size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (taken < 0 && errno == EAGAIN) return;
  if (taken < 0) fail("control");
  /* Half a record that was taken would upset the next one's place: let it be whole. */
  while (taken % sizeof *due) {
    ssize_t rest = send(control, (char *)due + taken, sizeof *due - taken % sizeof *due, MSG_NOSIGNAL);
    if (rest < 0) fail("control");
    taken += rest;
  }
  memmove(due, (char *)due + taken, due_size -= taken);
}

static double gap(int random, double rate) { return (random ? -log(1 - drand48()) : 1) / rate * 1e9; }

static int hear_all(int epoll, int patience) {
  static struct epoll_event events[1024];
  int ready = epoll_wait(epoll, events, 1024, patience);
  for (int i = 0; i < ready; i++)
    if (!events[i].data.ptr) ordered = 1;
    else while (listen_to(events[i].data.ptr));
  return ready;
}

static void measure(int epoll, uint32_t window, double rate, int random, double seconds) {
  memset(histogram, 0, sizeof histogram);
  deliveries = sent = finished = 0;
  srand48(1);
  double used = processor_seconds(), next = gap(random, rate ? rate : 1);
  uint64_t begin = now(), end = begin + seconds * 1e9, heard_at = begin, idle = 0, time;
  while ((time = now()) < end || (finished < sent && time < end + PATIENCE)) {
    uint64_t before = sent;
    if (window) while (time < end && sent - finished < window) say(now());
    else for (; begin + next <= time && begin + next < end; next += gap(random, rate)) say(begin + next);
    send_due();
    /* At a rate it does not sleep: its core is its own, and nothing shall be late on its account. */
    if (hear_all(epoll, window ? 20 : 0) > 0) heard_at = now();
    else if (sent == before) idle += now() - time;
  }
  double took = (heard_at - begin) / 1e9, passed = (now() - begin) / 1e9;
  double busy = window ? (processor_seconds() - used) / passed : 1 - idle / 1e9 / passed;
  printf("{\"messages\": %lu, \"deliveries\": %lu, \"seconds\": %.4f, \"rate\": %.1f, \"missing\": %lu, \"lost\": %lu, "
         "\"repeated\": %lu, \"spoilt\": %lu, \"p50\": %.4f, \"p99\": %.4f, \"p999\": %.4f, \"busy\": %.3f, "
         "\"processor\": %.4f}\n",
         sent, deliveries, took, deliveries / took, sent - finished, lost, repeated, spoilt, percentile(0.5),
         percentile(0.99), percentile(0.999), busy, processor_seconds() - used);
}

static void obey(int epoll) {
  char line[256], how[16];
  double number, seconds;
  ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
  if (size <= 0) exit(0);
  line[size] = 0;
  if (sscanf(line, "%15s %lf %lf", how, &number, &seconds) != 3) { fprintf(stderr, "not an order: %s", line); exit(2); }
  if (!strcmp(how, "window")) measure(epoll, number, 0, 0, seconds);
  else measure(epoll, 0, number, !strcmp(how, "poisson"), seconds);
}

int main(int argc, char **argv) {
  if (argc < 5) { fprintf(stderr, "usage: client <port> <control port> <sockets> <chats> [--inflate]\n"); return 2; }
  count = atoi(argv[3]);
  chats = atoi(argv[4]);
  tabs = calloc(count, sizeof *tabs);
  last = calloc(chats + 1, sizeof *last);
  listeners = calloc(chats + 1, sizeof *listeners);
  missing = calloc((uint64_t)(chats + 1) * RING, sizeof *missing);
  if (!tabs || !last || !listeners || !missing) fail("memory");
  setvbuf(stdout, 0, _IOLBF, 0);
  uint64_t begin = now();
  open_tabs(atoi(argv[1]), argc > 5);
  control = dial(atoi(argv[2]));
  printf("{\"opened\": %u, \"seconds\": %.3f}\n", count, (now() - begin) / 1e9);
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event)) fail("the standard input must be a pipe");
  event.events |= EPOLLET; /* else the kernel would look at each socket once more */
  for (uint32_t i = 0; i < count; i++) {
    event.data.ptr = &tabs[i];
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, tabs[i].fd, &event)) fail("epoll");
  }
  for (;;) { /* between two measurements it goes on answering pings */
    ordered = 0;
    hear_all(epoll, -1);
    if (ordered) obey(epoll);
  }
}
