using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// What a service keeps in one store, as EF Core sees it. The tables are made by the service's SQL scripts, never by EF;
/// a test holds the model against them.
/// </summary>
public abstract partial class StoreContext(DbContextOptions options) : DbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // EF would write Guids as upper-case text and refuse to compare DateTimeOffset.
        configurationBuilder.Properties<Guid>().HaveConversion<GuidToBytes>();
        configurationBuilder.Properties<DateOnly>().HaveConversion<DateToNumber>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<InstantToMilliseconds>();
        configurationBuilder.Conventions.Add(_ => new SnakeCase());
    }

    /// <summary>A date as the number yyyymmdd: small, ordered, and readable in a SQL shell.</summary>
    public static int Number(DateOnly date) => (date.Year * 10000) + (date.Month * 100) + date.Day;

    /// <summary>The date of a number yyyymmdd.</summary>
    public static DateOnly Date(int number) => new(number / 10000, number / 100 % 100, number % 100);

    private sealed class GuidToBytes() : ValueConverter<Guid, byte[]>(id => id.Bytes(), bytes => Ids.FromBytes(bytes));

    private sealed class DateToNumber() : ValueConverter<DateOnly, int>(date => Number(date), number => Date(number));

    private sealed class InstantToMilliseconds() : ValueConverter<DateTimeOffset, long>(
        instant => instant.ToUnixTimeMilliseconds(), number => DateTimeOffset.FromUnixTimeMilliseconds(number));

    private sealed partial class SnakeCase : IModelFinalizingConvention
    {
        public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
        {
            foreach (var entity in modelBuilder.Metadata.GetEntityTypes())
            {
                entity.SetTableName(Name(entity.GetTableName()!));
                foreach (var property in entity.GetProperties()) property.SetColumnName(Name(property.GetColumnName()));
            }
        }

        private static string Name(string clr) => WordStart().Replace(clr, "_").ToLowerInvariant();

        [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")]
        private static partial Regex WordStart();
    }
}
