using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Host;
using Microsoft.AspNetCore.Builder;

namespace BeschutWerk.Platform.Tests.OperationsTests;

/// <summary>Whoever copies the backups must not get the keys that open them: so a process does not start, unless that was said.</summary>
public sealed class KeysApartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("beschutwerk-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("backups", "backups/keys", false)]
    [InlineData("backups", "backups", false)]
    [InlineData("backups", "backups/../backups/keys", false)]
    [InlineData("keys/backups", "keys", false)]
    [InlineData("backups", "backups-keys", true)]
    [InlineData("backups", "keys", true)]
    public void Keys_and_backups_inside_each_other_are_refused_unless_that_was_said(string backups, string keys, bool isTaken)
    {
        var (where, with) = (Path.Combine(_folder, backups), Path.Combine(_folder, keys));
        Build(("Backup:Folder", where), ("Backup:KeyFolder", with), ("Backup:KeysBesideBackups", "true"));
        if (isTaken)
        {
            Build(("Backup:Folder", where), ("Backup:KeyFolder", with));
            return;
        }

        var refused = Assert.Throws<StartupException>(() => Build(("Backup:Folder", where), ("Backup:KeyFolder", with)));
        Assert.Contains("Set Backup__KeyFolder to another place.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_were_left_beside_the_backups_are_refused_until_they_are_moved()
    {
        Build();
        var left = Directory.CreateDirectory(Path.Combine(_folder, "data", "backups", "keys")).FullName;
        File.WriteAllBytes(Path.Combine(left, "uwv-0123.key"), new byte[32]);
        var refused = Assert.Throws<StartupException>(() => Build());
        Assert.Contains($"Move them to {Path.Combine(_folder, "data", "backup-keys")}.", refused.Message, StringComparison.Ordinal);

        Build(("Backup:KeyFolder", left), ("Backup:KeysBesideBackups", "true"));
        Directory.Move(left, Path.Combine(_folder, "data", "backup-keys"));
        Build();
    }

    /// <summary>A process that is built and not started.</summary>
    private void Build(params (string Key, string Value)[] settings)
    {
        var options = new PlatformOptions(Path.Combine(_folder, "data"))
        {
            Settings = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value),
        };
        ((IDisposable)PlatformHost.Build(options)).Dispose();
    }
}
