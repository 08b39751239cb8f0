using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using CsCheck;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>The small values that everything rests on.</summary>
public sealed class ValueTests
{
    [Fact]
    public void A_municipality_code_is_the_only_thing_that_gets_through_to_a_path()
    {
        Gen.String.Sample(text =>
        {
            if (!TenantId.TryParse(text, out var tenant)) return;
            Assert.Matches(@"\AGM[0-9]{4}\z", tenant.Code);
        });
        string?[] evil = [null, "", "GM03/3", "GM0.63", "../../x", "GM..\0\0", "GM0363\n", "GM0363/", "gm0363", "ＧＭ0363", "GM٠٣٦٣", "platform"];
        Assert.DoesNotContain(evil, text => TenantId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => TenantId.Parse("GM03/3"));
        Assert.Throws<InvalidOperationException>(() => default(TenantId).Code);
        Assert.Equal("GM0363", TenantId.Parse("GM0363").ToString());
    }

    [Fact]
    public void A_BSN_passes_the_eleven_test_and_no_single_mistake_does()
    {
        // Any eight digits have at most one ninth that fits; a wrong digit or two swapped neighbours never pass.
        Gen.Int[1, 99_999_999].Sample(eight =>
        {
            var fitting = Enumerable.Range(0, 10).Select(ninth => $"{eight:00000000}{ninth}").Where(text => Bsn.IsValid(text)).ToList();
            Assert.InRange(fitting.Count, 0, 1);
            if (fitting.Count == 0) return;
            var good = fitting[0];
            for (var i = 0; i < 9; i++)
            {
                for (var digit = '0'; digit <= '9'; digit++)
                {
                    var wrong = good[..i] + digit + good[(i + 1)..];
                    Assert.Equal(wrong == good, Bsn.IsValid(wrong));
                }

                if (i == 8 || good[i] == good[i + 1]) continue;
                Assert.False(Bsn.IsValid(good[..i] + good[i + 1] + good[i] + good[(i + 2)..]));
            }
        }, iter: 2000);
        Assert.False(Bsn.IsValid("000000000"));
        Assert.False(Bsn.IsValid("١١١٢٢٢٣٣٣"));
    }

    [Fact]
    public void A_derived_id_is_a_name_based_UUID()
    {
        // RFC 9562, appendix A.4: www.example.com in the namespace of DNS.
        var dns = Guid.ParseExact("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "D");
        Assert.Equal("2ed6657d-e927-568b-95e1-2665a8aea6a2", Ids.Derive(dns, "www.example.com").Text());
        Gen.Guid.Select(Gen.String).Sample((origin, purpose) =>
        {
            var id = Ids.Derive(origin, purpose);
            Assert.Equal(id, Ids.Derive(origin, purpose));
            Assert.Equal(5, id.Version);
            Assert.NotEqual(id, Ids.Derive(origin, purpose + "'"));
        });
    }

    [Fact]
    public void Ids_keep_their_order_in_a_column()
    {
        var ids = Enumerable.Range(0, 100).Select(i => Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(i))).ToList();
        Assert.Equal(ids, ids.OrderBy(id => Convert.ToHexString(id.Bytes()), StringComparer.Ordinal));
        Gen.Guid.Sample(id => Assert.Equal(id, Ids.FromBytes(id.Bytes())));
        Gen.Guid.Sample(id => Assert.Equal(id, Ids.Parse(id.Text())));
    }

    [Fact]
    public void Dates_are_numbers_that_read_as_dates()
    {
        Assert.Equal(20171231, StoreContext.Number(new DateOnly(2017, 12, 31)));
        Gen.DateOnly.Sample(day =>
        {
            Assert.Equal(day, StoreContext.Date(StoreContext.Number(day)));
            Assert.Equal(day, day.ToDate().ToDateOnly());
        });
    }

    [Theory]
    [InlineData("2018-03-24T22:59:59Z", "2018-03-24")]
    [InlineData("2018-03-24T23:00:00Z", "2018-03-25")] // winter
    [InlineData("2018-06-14T22:00:00Z", "2018-06-15")] // summer
    public void The_day_is_the_one_in_Amsterdam(string instant, string day) =>
        Assert.Equal(DateOnly.Parse(day), Days.DayOf(DateTimeOffset.Parse(instant)));

    [Fact]
    public void A_resume_token_is_of_one_store_one_epoch_and_within_its_log()
    {
        var store = new StoreName("uwv", TenantId.Parse("GM0363"));
        var token = ResumeToken.After(store, "epoch", 7);
        Assert.Equal(7, ResumeToken.Position(token, store, "epoch", head: 7));
        Assert.Equal(0, ResumeToken.Position("", store, "epoch", head: 0));
        ErrorReason Reason(string text, StoreName of, string epoch, long head) =>
            Assert.Throws<RefusalException>(() => ResumeToken.Position(text, of, epoch, head)).Refusal.Reason;
        Assert.Equal(ErrorReason.TokenOfAnotherStore, Reason(token, store, "later", 9));
        Assert.Equal(ErrorReason.TokenOfAnotherStore, Reason(token, new StoreName("uwv", null), "epoch", 9));
        Assert.Equal(ErrorReason.TokenOfAnotherStore, Reason(token, store, "epoch", 6));
        Gen.String.Sample(text =>
        {
            if (text.Length > 0) Reason(text, store, "epoch", 9);
        });
    }

    [Fact]
    public void Every_kind_of_organisation_has_a_name_of_its_own()
    {
        var kinds = Enum.GetValues<OrganisationKind>().Where(kind => kind != OrganisationKind.Unspecified).ToList();
        Assert.Distinct(kinds.Select(Caller.KindName));
        Assert.All(kinds, kind => Assert.Equal(kind, Caller.KindOf(Caller.KindName(kind))));
        Assert.All(new[] { null, "", "unspecified", "MUNICIPALITY" }, name => Assert.Equal(OrganisationKind.Unspecified, Caller.KindOf(name)));
    }
}
