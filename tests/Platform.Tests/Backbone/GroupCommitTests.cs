using System.Diagnostics;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using Google.Rpc;
using Grpc.Core;
using EventLog = BeschutWerk.Backbone.Store.EventLog;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Many callers share a commit and nothing else.</summary>
public sealed class GroupCommitTests : NotesTest
{
    private NotesHost _host = null!;
    private TenantId _tenant;

    private StoreHandle<NotesStore> Store => _host.Notes.TenantStores.Get(_tenant);

    public override async ValueTask InitializeAsync()
    {
        _host = await StartAsync();
        _tenant = await _host.RegisterAsync(Amsterdam);
    }

    [Fact]
    public async Task An_operation_that_is_refused_takes_its_rows_event_and_number_back_and_its_neighbours_stay()
    {
        using (Hold(out var batch))
        {
            for (var i = 0; i < 100; i++)
            {
                var text = i % 3 == 0 ? Slices.Refused : $"note {i}";
                batch.Add(Store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, text)));
            }
        }

        await Settled();
        Assert.Equal(34, _batch.Count(task => task.IsFaulted));
        Assert.All(_batch.Where(task => task.IsFaulted), task => Assert.IsType<RefusalException>(task.Exception!.InnerException));
        var notes = Store.Read(Caller.OfService("test"), session => session.Store.Notes.Select(note => note.Text).ToList());
        Assert.Equal(66, notes.Count);
        Assert.DoesNotContain(Slices.Refused, notes);
        var log = _host.Log(_tenant);
        Assert.Equal(Enumerable.Range(1, 66).Select(n => (long)n), log.Select(logged => logged.Event.Sequence));
        Assert.DoesNotContain(log, logged => logged.Event.Subject == Slices.Refused);
    }

    [Fact]
    public async Task An_operation_that_is_refused_alone_runs_once_and_takes_all_of_it_back()
    {
        var runs = 0;
        await Assert.ThrowsAsync<RefusalException>(() => Store.WriteAsync(NotesHost.By("gm"), session =>
        {
            runs++;
            return Slices.AddNote(session, Slices.Refused);
        }));
        await Store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, "the next"));

        Assert.Equal(1, runs);
        Assert.Equal(["the next"], Store.Read(Caller.OfService("test"), session => session.Store.Notes.Select(note => note.Text).ToList()));
        Assert.Equal((1L, "the next"), Assert.Single(_host.Log(_tenant).Select(logged => (logged.Event.Sequence, logged.Event.Subject))));
    }

    [Fact]
    public async Task The_newest_events_that_are_kept_in_memory_are_those_that_stand_in_the_file()
    {
        await Task.WhenAll(Enumerable.Range(0, 600).Select(async i =>
        {
            try
            {
                await Store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, i % 7 == 0 ? Slices.Refused : $"note {i}"));
            }
            catch (RefusalException) when (i % 7 == 0)
            {
                // Its event was raised in the same transaction as those of its neighbours.
            }
        }));

        var feed = _host.Notes.Feed(_tenant);
        foreach (var after in new long[] { 0, 200, 257, 258, 259, 300, 512, 513, 514, 600 })
        {
            foreach (var most in new[] { 1, 10, 256 })
            {
                Assert.Equal(Store.Read(Caller.OfService("test"), session => EventLog.ReadAfter(session, after, most)), feed.ReadAfter(after, most));
                Assert.Equal(Store.Read(Caller.OfService("test"), session => EventLog.ReadOwnAfter(session, 0, after, most)), feed.ReadOwnAfter(after, most));
            }
        }

        Assert.Equal(514, feed.Head());
        Assert.NotNull(Store.Newest().Tail.ReadAfter(513, 1));
        Assert.Null(Store.Newest().Tail.ReadAfter(0, 1));
    }

    [Fact]
    public async Task Who_writes_alone_commits_on_his_own_thread_without_his_trace_there_and_never_among_others()
    {
        using var call = new Activity("a call").Start();
        // Others of this process may be lending the one thread that commits outside the writers'.
        var isLent = false;
        for (var i = 0; i < 5000 && !isLent; i++)
        {
            var (thread, written) = (Environment.CurrentManagedThreadId, Store.WriteAsync(NotesHost.By("gm"), Where, here: true));
            isLent = written.IsCompleted && (await written).Thread == thread;
            Assert.Null((await written).Trace);
        }

        Assert.True(isLent, "No write was committed on its caller's thread.");
        Assert.Same(call, Activity.Current);

        // Of writes that came together the next may too, so it is left to the writers.
        using (Hold(out var batch))
        {
            for (var i = 0; i < 10; i++) batch.Add(Store.WriteAsync(NotesHost.By("gm"), Where));
        }

        await Settled();
        Assert.StartsWith("store writer", (await Store.WriteAsync(NotesHost.By("gm"), Where, here: true)).Name, StringComparison.Ordinal);

        static (int Thread, string? Name, Activity? Trace) Where(WriteSession<NotesStore> session) =>
            (Environment.CurrentManagedThreadId, Thread.CurrentThread.Name, Activity.Current);
    }

    [Fact]
    public async Task Each_event_carries_the_trace_and_the_actor_of_its_own_call()
    {
        var expected = new System.Collections.Concurrent.ConcurrentDictionary<string, (string Trace, string Actor)>();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                using var activity = new Activity("call").Start();
                var (subject, actor) = ($"{caller}-{i}", $"gm{caller}");
                expected[subject] = (activity.Id!, $"service:{actor}");
                await Store.WriteAsync(NotesHost.By(actor), session => Slices.AddNote(session, subject));
            }
        }, Cancel)));

        var log = _host.Log(_tenant);
        Assert.Equal(3200, log.Count);
        var foreign = log.Where(logged => expected[logged.Event.Subject] != (logged.Event.Traceparent, logged.Event.Actor));
        Assert.Empty(foreign);
    }

    [Fact]
    public async Task Nothing_is_done_for_callers_that_are_gone()
    {
        using var gone = new CancellationTokenSource();
        Task<Guid> late, cancelled, waiting;
        using (Hold(out var batch))
        {
            var caller = Caller.OfService("gm");
            late = Store.WriteAsync(WriteInfo.Capture(caller, DateTime.UtcNow.AddMilliseconds(-1)), session => Slices.AddNote(session, "late"));
            cancelled = Store.WriteAsync(WriteInfo.Capture(caller, cancel: gone.Token), session => Slices.AddNote(session, "cancelled"));
            waiting = Store.WriteAsync(WriteInfo.Capture(caller, DateTime.UtcNow.AddMinutes(1)), session => Slices.AddNote(session, "waiting"));
            batch.AddRange([late, cancelled, waiting]);
            await gone.CancelAsync();
        }

        await Settled();
        Assert.Equal(ErrorReason.DeadlinePassed, await RefusedAsync(() => late));
        Assert.True(cancelled.IsCanceled);
        Assert.True(waiting.IsCompletedSuccessfully);
        Assert.Equal(["waiting"], _host.Log(_tenant).Select(logged => logged.Event.Subject));
    }

    [Fact]
    public async Task A_deadline_runs_on_the_wall_clock_whatever_clock_the_platform_has()
    {
        var clock = new FastClock { Ahead = TimeSpan.FromDays(400) };
        await using var other = await NotesHost.StartAsync(Options with { Folder = Folder + "/other", Clock = clock });
        var tenant = await other.RegisterAsync(Amsterdam);
        var info = WriteInfo.Capture(Caller.OfService("gm"), DateTime.UtcNow.AddSeconds(15));
        await other.Notes.TenantStores.Get(tenant).WriteAsync(info, session => Slices.AddNote(session, "in time"));
        Assert.Single(other.Log(tenant));
    }

    [Fact]
    public async Task What_runs_after_the_commit_runs_only_for_operations_that_committed_and_before_they_are_answered()
    {
        var ran = new List<string>();
        using (Hold(out var batch))
        {
            batch.Add(Store.WriteAsync(NotesHost.By("gm"), session =>
            {
                session.AfterCommit(() => ran.Add("refused"));
                return Slices.AddNote(session, Slices.Refused);
            }));
            batch.Add(Store.WriteAsync(NotesHost.By("gm"), session =>
            {
                session.AfterCommit(() => throw new InvalidOperationException("in memory"));
                return Slices.AddNote(session, "broken afterwards");
            }));
            batch.Add(Store.WriteAsync(NotesHost.By("gm"), session =>
            {
                session.AfterCommit(() => ran.Add("fine"));
                return Slices.AddNote(session, "fine");
            }));
        }

        await Settled();
        Assert.Equal(["fine"], ran);
        Assert.True(_batch[1].IsFaulted);
        Assert.True(_batch[2].IsCompletedSuccessfully);
        // What is stored stays stored, and its followers hear of it.
        Assert.Equal(["broken afterwards", "fine"], _host.Log(_tenant).Select(logged => logged.Event.Subject));
        await Eventually(() => _host.Seen(_tenant).Count == 2, "the follower has both");
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_says_when_to_try_again()
    {
        await using var small = await NotesHost.StartAsync(Options with { Folder = Folder + "/small", Limits = limits => limits with { QueueCapacity = 3 } });
        var store = small.Notes.TenantStores.Get(await small.RegisterAsync(Amsterdam));
        using var open = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var cancel = Cancel;
        var first = store.WriteAsync(NotesHost.By("gm"), session =>
        {
            running.Set();
            open.Wait(cancel);
            return Slices.AddNote(session, "first");
        });
        running.Wait(Cancel);
        var waiting = Enumerable.Range(0, 3).Select(i => store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, $"{i}"))).ToList();
        var refused = await Assert.ThrowsAsync<RefusalException>(() => store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, "too many")));
        open.Set();

        Assert.Equal(ErrorReason.WriteQueueFull, refused.Refusal.Reason);
        var status = refused.Refusal.ToRpcException();
        Assert.Equal(StatusCode.ResourceExhausted, status.StatusCode);
        var wait = status.GetRpcStatus()!.GetDetail<RetryInfo>()!.RetryDelay.ToTimeSpan();
        Assert.Equal($"{wait.TotalMilliseconds}", status.Trailers.GetValue("grpc-retry-pushback-ms"));
        await Task.WhenAll([first, .. waiting]).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        await store.WriteAsync(NotesHost.By("gm"), session => Slices.AddNote(session, "again"));
    }

    [Fact]
    public async Task A_statement_that_a_failed_neighbour_left_half_way_works_for_the_next()
    {
        await _host.AddAsync(_tenant, "one");
        await _host.AddAsync(_tenant, "two");
        const string sql = "SELECT text FROM notes WHERE version = ? ORDER BY text";
        using (Hold(out var batch))
        {
            batch.Add(Store.WriteAsync<Guid>(NotesHost.By("gm"), session =>
            {
                var half = session.Statement(sql);
                half.Bind(1, 1L);
                half.Step();
                throw new InvalidOperationException("half-way");
            }));
            batch.Add(Store.WriteAsync(NotesHost.By("gm"), session =>
            {
                var whole = session.Statement(sql);
                whole.Bind(1, 1L);
                Assert.True(whole.Step());
                Assert.Equal("one", whole.Text(0));
                whole.Reset();
                return Guid.Empty;
            }));
        }

        await Settled();
        Assert.True(_batch[0].IsFaulted);
        await _batch[1];
    }

    [Fact]
    public async Task A_statement_keeps_an_empty_text_apart_from_none()
    {
        var types = await Store.WriteAsync(NotesHost.By("gm"), session =>
        {
            var statement = session.Statement("SELECT typeof(?), typeof(?)");
            statement.Bind(1, "");
            statement.Bind(2, []);
            statement.Step();
            var found = (statement.Text(0), statement.Text(1));
            statement.Reset();
            return found;
        });
        Assert.Equal(("text", "blob"), types);
    }

    private readonly List<Task> _batch = [];

    /// <summary>Holds the writer while operations queue up behind, so that they share one commit.</summary>
    private Held Hold(out List<Task> batch)
    {
        var held = new Held();
        using var running = new ManualResetEventSlim();
        _ = Store.WriteAsync(NotesHost.By("gm"), _ =>
        {
            running.Set();
            held.Wait();
            return true;
        });
        running.Wait(Cancel);
        batch = _batch;
        return held;
    }

    private Task Settled() => Task.WhenAll(_batch.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

    private sealed class Held : IDisposable
    {
        private readonly TaskCompletionSource _open = new();

        public void Wait() => _open.Task.Wait(TimeSpan.FromSeconds(20));

        public void Dispose() => _open.SetResult();
    }
}
