using System.Runtime.InteropServices;

namespace BeschutWerk.Bench;

/// <summary>How sides are measured beside each other.</summary>
internal static class Rounds
{
    /// <summary>A B B A: in every second round the peer comes first. A first round is thrown away: code and caches become warm.</summary>
    public static async Task<List<(TOurs Ours, TPeer Peer)>> RunAsync<TOurs, TPeer>(int count, Func<Task<TOurs>> ours, Func<Task<TPeer>> peer)
    {
        var rounds = new List<(TOurs, TPeer)>();
        for (var i = 0; i <= count; i++)
        {
            var (mine, theirs) = (default(TOurs)!, default(TPeer)!);
            async Task OursAsync() => mine = await CleanAsync(ours);
            async Task PeerAsync() => theirs = await CleanAsync(peer);
            foreach (var side in i % 2 == 1 ? new Func<Task>[] { PeerAsync, OursAsync } : [OursAsync, PeerAsync]) await side();
            if (i > 0) rounds.Add((mine, theirs));
        }

        return rounds;
    }

    /// <summary>What one side, or a benchmark before, left to collect or to write to the disk is not the other's to wait for.</summary>
    private static Task<T> CleanAsync<T>(Func<Task<T>> side)
    {
        GC.Collect();
        Sync();
        return side();
    }

    /// <summary>ext4 writes other files' new blocks too when one file is flushed: they must not be left to the next side's commits.</summary>
    [DllImport("libc", EntryPoint = "sync")]
    private static extern void Sync();
}
