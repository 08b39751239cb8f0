using System.Reflection;
using System.Runtime.CompilerServices;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.UwvAdvice;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>The statements of <see cref="Dossier"/> know every property, as EF Core does by its model: a new one cannot be forgotten in one of them.</summary>
public sealed class DossierRowsTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    private static readonly PropertyInfo[] Stored = [.. typeof(Dossier).GetProperties().Where(property => property.SetMethod is not null)];

    private static readonly PropertyInfo[] Changing =
        [.. Stored.Where(property => !property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // flags the other way round
    public async Task Every_property_is_added_saved_and_read(int value)
    {
        var dossier = Activator.CreateInstance<Dossier>();
        foreach (var property in Stored) property.SetValue(dossier, Another(property.PropertyType, ++value));
        await WriteAsync(dossier.Add);
        Assert.Equal(Values(dossier), Read(Found));
        Assert.Equal(Values(dossier), Read(ByModel));

        Assert.Contains(nameof(Dossier.SealedAssessment), Changing.Select(property => property.Name));
        foreach (var property in Changing) property.SetValue(dossier, Another(property.PropertyType, ++value));
        await WriteAsync(dossier.Save);
        Assert.Equal(Values(dossier), Read(Found));
        Assert.Equal(Values(dossier), Read(ByModel));

        Dossier Found(ReadSession<UwvStore> session) => Dossier.Find(session, dossier.AdviceRequestId)!;
        Dossier ByModel(ReadSession<UwvStore> session) => session.Store.Dossiers.AsNoTracking().Single(row => row.AdviceRequestId == dossier.AdviceRequestId);
    }

    [Fact]
    public async Task What_is_not_given_stays_null()
    {
        var dossier = Activator.CreateInstance<Dossier>();
        foreach (var property in Stored.Where(property => !IsNullable(property))) property.SetValue(dossier, Another(property.PropertyType, 1));
        await WriteAsync(dossier.Add);
        Assert.Equal(Values(dossier), Read(session => Dossier.Find(session, dossier.AdviceRequestId)!));
        Assert.Equal(10, Values(dossier).Count(named => named.EndsWith(" = ", StringComparison.Ordinal)));
    }

    private StoreHandle<UwvStore> Store => platform.Runtime.TenantStores.Get(TenantId.Parse(UwvPlatform.Amsterdam));

    private Task WriteAsync(Action<WriteSession<UwvStore>> write) => Store.WriteAsync(WriteInfo.Capture(UwvPlatform.Self), session =>
    {
        write(session);
        return true;
    });

    private List<string> Read(Func<ReadSession<UwvStore>, Dossier> read) => Values(Store.Read(UwvPlatform.Self, read));

    private static List<string> Values(Dossier dossier) =>
        [.. Stored.Select(property => $"{property.Name} = {(property.GetValue(dossier) is byte[] bytes ? Convert.ToHexString(bytes) : property.GetValue(dossier))}")];

    private static bool IsNullable(PropertyInfo property) => new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;

    // Numbers that no enum has stand for its members as well: SQLite stores what it is given.
    private static object Another(Type type, int value) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var id when id == typeof(Guid) => Ids.New(),
        var text when text == typeof(string) => $"text {value}",
        var bytes when bytes == typeof(byte[]) => new[] { (byte)value, (byte)0 },
        var date when date == typeof(DateOnly) => new DateOnly(2018, 1, 1).AddDays(value),
        var instant when instant == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch.AddSeconds(value),
        var flag when flag == typeof(bool) => value % 2 == 0,
        var number when number == typeof(long) => (long)value,
        { IsEnum: true } kind => Enum.ToObject(kind, value),
        var other => throw new NotSupportedException(other.Name),
    };
}
