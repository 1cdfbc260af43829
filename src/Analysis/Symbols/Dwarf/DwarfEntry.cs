namespace Lampyris.Analysis;

/// <summary>The attributes that are read here of one entry of `.debug_info`.</summary>
internal struct DwarfEntry
{
    const int AttributeSibling = 0x01, AttributeName = 0x03, AttributeStatements = 0x10, AttributeLowPc = 0x11, AttributeHighPc = 0x12,
        AttributeFolder = 0x1B, AttributeOrigin = 0x31, AttributeSpecification = 0x47, AttributeRanges = 0x55, AttributeCallFile = 0x58,
        AttributeCallLine = 0x59, AttributeLinkageName = 0x6E, AttributeOldLinkageName = 0x2007, AttributeStringOffsets = 0x72,
        AttributeAddresses = 0x73, AttributeRangeLists = 0x74;

    public DwarfAbbreviation? Shape; // null: the end of a list of children
    public DwarfValue Name, LinkageName, LowPc, HighPc, Ranges, Origin, Specification, Sibling;
    public DwarfValue Statements, Folder, StringOffsets, Addresses, RangeLists;
    public int CallFile, CallLine;

    /// <summary>Reads the values that follow an entry's code.</summary>
    public static DwarfEntry Read(ref ByteReader reader, DwarfAbbreviation shape, DwarfUnitFormat format)
    {
        var entry = new DwarfEntry { Shape = shape };
        foreach ((int attribute, int form, long constant) in shape.Attributes)
        {
            DwarfValue value = DwarfValue.Read(ref reader, form, constant, format);
            switch (attribute)
            {
                case AttributeSibling: entry.Sibling = value; break;
                case AttributeName: entry.Name = value; break;
                case AttributeLinkageName or AttributeOldLinkageName: entry.LinkageName = value; break;
                case AttributeLowPc: entry.LowPc = value; break;
                case AttributeHighPc: entry.HighPc = value; break;
                case AttributeRanges: entry.Ranges = value; break;
                case AttributeOrigin: entry.Origin = value; break;
                case AttributeSpecification: entry.Specification = value; break;
                case AttributeCallFile: entry.CallFile = (int)value.Number; break;
                case AttributeCallLine: entry.CallLine = (int)value.Number; break;
                case AttributeStatements: entry.Statements = value; break;
                case AttributeFolder: entry.Folder = value; break;
                case AttributeStringOffsets: entry.StringOffsets = value; break;
                case AttributeAddresses: entry.Addresses = value; break;
                case AttributeRangeLists: entry.RangeLists = value; break;
            }
        }
        return entry;
    }
}
