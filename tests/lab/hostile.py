#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A man in the middle of HTTPS: passes calls on to a server, and spoils the answers that it is told to.

As a module: Hostile(target_port, certificate, key) serves on .port; .spoil(how, method=None, times=1)
spoils the next answers (to calls of that method). .seen counts the calls that reached the server.
"""
import http.client
import http.server
import ssl
import threading

ENVELOPE = ('<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><e:Fault>'
            '<faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring>'
            '<detail><f xsi:type="%s"/></detail></e:Fault></e:Body></e:Envelope>')
BOMB = ('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd">]><e:Envelope xmlns:e="http://schemas.xmlsoap.org/'
        'soap/envelope/"><e:Body><r>&b;&x;</r></e:Body></e:Envelope>')

SOAP = ('<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<R xmlns="urn:vim25"><returnval>%s</returnval></R></e:Body></e:Envelope>')

# how: status, body, or a name that answer() knows
CANNED = {
    'garbage': (200, b'\x00\xffthis is no XML at all'),
    'bomb': (200, BOMB.encode()),
    'html': (200, b'<html><body>Welcome</body></html>'),
    'more-pages': (200, (SOAP % '<token>again</token>').encode()),
    'more-updates': (200, (SOAP % '<version>1</version><truncated>true</truncated>').encode()),
    '500': (500, b'Internal Server Error'),
    '503': (503, b''),
    'fault': (500, (ENVELOPE % ('The spoon is bent.', 'SystemError')).encode()),
    'NotAuthenticated': (500, (ENVELOPE % ('Not logged in.', 'NotAuthenticated')).encode()),
}


class Hostile:
    def __init__(self, target, certificate, key):
        self.target, self.plan, self.seen = target, [], {}
        self.lock = threading.Lock()
        self.closing = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                outer.handle(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def spoil(self, how, method=None, times=1):
        with self.lock:
            self.plan = [[how, method, times]]

    def next(self, body):
        method = None
        for part in body.split(b'<')[1:]:
            name = part.split(b' ')[0].split(b'>')[0].decode('ascii', 'replace')
            if b'xmlns="urn:vim25"' in part:
                method = name
        with self.lock:
            for step in self.plan:
                if step[2] > 0 and step[1] in (None, method):
                    step[2] -= 1
                    return method, step[0]
        return method, None

    def forward(self, request, body):
        context = ssl._create_unverified_context()
        server = http.client.HTTPSConnection('127.0.0.1', self.target, context=context, timeout=60)
        headers = {name: request.headers[name] for name in ('Content-Type', 'SOAPAction', 'Cookie')
                   if request.headers[name]}
        server.request('POST', request.path, body, headers)
        answer = server.getresponse()
        return answer.status, answer.read(), answer.getheader('Set-Cookie')

    def handle(self, request):
        body = request.rfile.read(int(request.headers['Content-Length'] or 0))
        method, how = self.next(body)
        if how in CANNED:
            status, text, cookie = *CANNED[how], None
        else:
            self.seen[method] = self.seen.get(method, 0) + 1
            status, text, cookie = self.forward(request, body)
        if how and how.startswith('delay'):
            self.closing.wait(float(how[5:]))
        if how == 'close':
            request.close_connection = True
            return
        request.send_response(status)
        request.send_header('Content-Type', 'text/xml')
        request.send_header('Content-Length', str(len(text)))
        if cookie:
            request.send_header('Set-Cookie', cookie)
        request.end_headers()
        if how == 'cut':
            text = text[:len(text) // 2]
            request.close_connection = True
        try:
            request.wfile.write(text)
        except OSError:
            pass
