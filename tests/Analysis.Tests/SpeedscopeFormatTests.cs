using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Lampyris.Reporting;
using Xunit;

namespace Lampyris.Analysis.Tests;

public class SpeedscopeFormatTests
{
    // Goal: the file fits the schema that the speedscope package itself brings.
    [Fact]
    public void TheSchemaOfSpeedscopeIsKept()
    {
        using var folder = new Folder();
        Tool.Run(folder.Path, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "speedscope@1.25.0", "ajv@8");
        using (FileStream file = File.Create(folder.File("p.json"))) SpeedscopeFormat.Write(Sample.Read(Sample.Everything), Metric.Peak, file);
        File.WriteAllText(folder.File("check.js"), """
            const Ajv = require("ajv");
            const schema = require("./node_modules/speedscope/dist/release/file-format-schema.json");
            const check = new Ajv({ strict: false, allErrors: true }).compile(schema);
            const good = require("./p.json");
            const bad = JSON.parse(JSON.stringify(good));
            bad.profiles[0].weights = "none";
            if (check(bad)) { console.log("the schema takes anything"); process.exit(0); }
            console.log(check(good) ? "valid" : JSON.stringify(check.errors));
            """);

        Assert.Equal("valid\n", Tool.Run(folder.Path, "node", "check.js"));
    }

    [Fact]
    public void EachMetricIsAProfileWithItsWeights()
    {
        var stream = new MemoryStream();
        SpeedscopeFormat.Write(Sample.Read(Sample.Everything), Metric.Peak, stream);
        JsonElement root = JsonDocument.Parse(stream.ToArray()).RootElement;

        JsonElement[] profiles = [.. root.GetProperty("profiles").EnumerateArray()];
        Assert.Equal([9216.0, 12288, 113312, 1011.5], profiles.Select(profile => profile.GetProperty("endValue").GetDouble()));
        Assert.Equal([9216.0, 12288, 113312, 1011.5], profiles.Select(profile => profile.GetProperty("weights").EnumerateArray().Sum(weight => weight.GetDouble())));
        Assert.Equal(1, root.GetProperty("activeProfileIndex").GetInt32());
        string[] frames = [.. root.GetProperty("shared").GetProperty("frames").EnumerateArray().Select(frame => frame.GetProperty("name").GetString()!)];
        Assert.Equal("main;fill;grow", string.Join(';', profiles[0].GetProperty("samples")[0].EnumerateArray().Select(index => frames[index.GetInt32()])));
    }
}
