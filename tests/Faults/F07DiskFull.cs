using System.Collections.Concurrent;
using BeschutWerk.Contracts.Backbone;
using Grpc.Core;

namespace BeschutWerk.Faults;

/// <summary>
/// No room: for the files of one municipality alone, then for all. Who does not fit is refused with the reason, who was acknowledged is in
/// the file, the others go on, and with room again so does everybody, in the same process. A limit of the size of files needs no rights and
/// is always tried; a small disk of its own, where one may be mounted.
/// </summary>
internal sealed class DiskFull : Fault
{
    private const int Megabyte = 1024 * 1024;
    private const int FrameHeader = 24, PageInLog = 4096 + FrameHeader;

    private readonly List<string> _broken = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<string>> _acknowledged = new();
    private int _number = 100;
    private int _refused;

    public override string Id => "F7";

    public override string What => "disk full, and full for one municipality alone";

    public override async Task<Outcome> RunAsync(Scenery scenery, Extent extent)
    {
        for (var round = 0; round < extent.Of(1, 10); round++) await LimitedAsync(scenery.Platform);
        var mounted = 0;
        for (; mounted < extent.Of(1, 10) && await MountedAsync(scenery.Platform); mounted++)
        {
        }

        var disks = mounted > 0 ? $"{mounted} small disks were filled" : "no disk may be mounted here, so that only limits of the size of files were tried";
        return new Outcome($"{_refused} writes refused, {_acknowledged.Values.Sum(ids => ids.Count)} acknowledged; {disks}", _broken);
    }

    /// <summary>A limit of the size of files, between the size of one municipality's log and that of all others.</summary>
    private async Task LimitedAsync(Platform platform)
    {
        await using var country = await FoundAsync(platform, null);
        var large = country.Municipalities[0];
        long others;
        do
        {
            for (var i = 0; i < 10; i++) await WriteAsync(country, large, "before");
            others = Directory.GetFiles(country.Stores).Where(file => file != country.FileOf(large) + "-wal").Max(file => new FileInfo(file).Length);
        }
        while (new FileInfo(country.FileOf(large) + "-wal").Length < others + (2 * Megabyte));

        SmallDisk.LimitFiles(country.Process.Id, others + Megabyte);
        await OneIsFullAsync(country, large);
        SmallDisk.LimitFiles(country.Process.Id, null);
        await RoomAgainAsync(country);
        await ClosedWhileFullAsync(country, large);

        SmallDisk.LimitFiles(country.Process.Id, 1);
        await AllAreFullAsync(country);
        SmallDisk.LimitFiles(country.Process.Id, null);
        await RoomAgainAsync(country);
    }

    /// <summary>
    /// A store is closed after a commit of which only the last page did not fit: what the log never held may not be missed when it is
    /// opened again. The commit before tells how long one is, about.
    /// </summary>
    private async Task ClosedWhileFullAsync(Country country, string code)
    {
        long Length() => new FileInfo(country.FileOf(code) + "-wal").Length;

        var before = Length();
        await WriteAsync(country, code, "to learn how long a commit is");
        var after = Length();
        SmallDisk.LimitFiles(country.Process.Id, after + (after - before) - PageInLog + FrameHeader + 100);
        await TryAsync(country, code);
        await country.StopAsync();
        await country.StartAsync();
        await RoomAgainAsync(country);
    }

    /// <summary>The same on a disk that is really full: first everybody's, then that of one municipality alone.</summary>
    private async Task<bool> MountedAsync(Platform platform)
    {
        using var disk = SmallDisk.TryMount(48);
        if (disk is null) return false;
        using var own = SmallDisk.TryMount(8) ?? throw new InvalidOperationException("One disk may be mounted, and a second one not.");
        await using var country = await FoundAsync(platform, Path.Combine(disk.Folder, "country"));
        disk.Fill();
        await AllAreFullAsync(country);
        disk.MakeRoom();
        await RoomAgainAsync(country);

        // As an operator gives a municipality a disk of its own.
        await country.StopAsync();
        var one = country.Municipalities[0];
        File.Move(country.FileOf(one), Path.Combine(own.Folder, one + ".db"));
        File.CreateSymbolicLink(country.FileOf(one), Path.Combine(own.Folder, one + ".db"));
        await country.StartAsync();
        await RoomAgainAsync(country);
        own.Fill();
        await OneIsFullAsync(country, one);
        own.MakeRoom();
        await RoomAgainAsync(country);

        // Closed and opened while its disk is full. What the close gave up is taken too.
        own.Fill();
        await OneIsFullAsync(country, one);
        await country.StopAsync();
        own.Fill();
        await country.StartAsync();
        await OneIsFullAsync(country, one, mayRead: false);
        own.MakeRoom();
        await RoomAgainAsync(country);
        return true;
    }

    private async Task<Country> FoundAsync(Platform platform, string? folder)
    {
        _acknowledged.Clear();
        var country = await Country.FoundAsync(platform, municipalities: 4, cases: 0, folder);
        foreach (var code in country.Municipalities) await WriteAsync(country, code, "before");
        return country;
    }

    private async Task OneIsFullAsync(Country country, string full, bool mayRead = true)
    {
        for (var i = 0; i < 5; i++)
        {
            await RefusedAsync(country, full);
            foreach (var other in country.Municipalities.Where(code => code != full)) await WriteAsync(country, other, "beside a full one");
        }

        if (mayRead) await SameAsync(country);
    }

    private async Task AllAreFullAsync(Country country)
    {
        // More often than a failing disk may fail before its store is out of service.
        for (var i = 0; i < 5; i++)
        {
            foreach (var code in country.Municipalities) await RefusedAsync(country, code);
        }

        await SameAsync(country);
    }

    private async Task RoomAgainAsync(Country country)
    {
        foreach (var code in country.Municipalities) await WriteAsync(country, code, "with room again");
        await SameAsync(country);
        foreach (var store in (await country.StatusAsync()).Quarantined) _broken.Add($"{store.Store} is out of service after its disk was full: {store.Why}");
    }

    private async Task WriteAsync(Country country, string code, string when)
    {
        try
        {
            _acknowledged.GetOrAdd(code, _ => []).Add(await country.OpenCaseAsync(code, Interlocked.Increment(ref _number)));
        }
        catch (RpcException refused)
        {
            _broken.Add($"{code} takes no write {when}: {refused.Status}");
        }
    }

    private async Task RefusedAsync(Country country, string code)
    {
        if (await TryAsync(country, code)) _broken.Add($"{code} has no room, and acknowledged a write");
    }

    /// <summary>Writes where there may be no room.</summary>
    /// <returns>Whether it was acknowledged.</returns>
    private async Task<bool> TryAsync(Country country, string code)
    {
        try
        {
            _acknowledged.GetOrAdd(code, _ => []).Add(await country.OpenCaseAsync(code, Interlocked.Increment(ref _number)));
            return true;
        }
        catch (RpcException refused)
        {
            Interlocked.Increment(ref _refused);
            var reason = Backbone.Grpc.RefusalStatus.ReasonOf(refused);
            if ((refused.StatusCode, reason) != (StatusCode.ResourceExhausted, ErrorReason.StorageFull)) _broken.Add($"{code} has no room, and refuses with {reason}: {refused.Status}");
            return false;
        }
    }

    /// <summary>Each municipality holds what it acknowledged, and nothing that it refused.</summary>
    private async Task SameAsync(Country country)
    {
        foreach (var code in country.Municipalities)
        {
            try
            {
                var found = (await country.CasesAsync(code)).ToHashSet();
                if (!found.SetEquals(_acknowledged[code])) _broken.Add($"{code} acknowledged {_acknowledged[code].Count} cases and holds {found.Count}");
            }
            catch (RpcException refused)
            {
                _broken.Add($"{code} is not read: {refused.Status}");
            }
        }
    }
}
